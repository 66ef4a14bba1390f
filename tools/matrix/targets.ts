// The table of all targets: one entry a target, nothing about it is written anywhere else.
import type { Target } from "./target.ts";

const windows = { kind: "windows", version: "10.0" } as const;
const android = { kind: "android", api: 24 } as const;
const both = ["dynamic", "static"] as const;

export const targets: readonly Target[] = [
  linux("x86_64-unknown-linux-gnu", "x86_64", 1),
  linux("i686-unknown-linux-gnu", "i686", 1),
  linux("aarch64-unknown-linux-gnu", "aarch64", 1),
  linux("armv7-unknown-linux-gnueabihf", "armv7", 1),
  linux("riscv64gc-unknown-linux-gnu", "riscv64", 2, "2.27"),
  linux("x86_64-unknown-linux-musl", "x86_64", 1),
  linux("i686-unknown-linux-musl", "i686", 2),
  linux("aarch64-unknown-linux-musl", "aarch64", 2),
  linux("armv7-unknown-linux-musleabihf", "armv7", 2),
  windowsTarget("x86_64-pc-windows-gnullvm", "x86_64", 1),
  windowsTarget("i686-pc-windows-gnullvm", "i686", 2),
  windowsTarget("aarch64-pc-windows-gnullvm", "aarch64", 2),
  windowsTarget("x86_64-pc-windows-msvc", "x86_64", 2),
  windowsTarget("i686-pc-windows-msvc", "i686", 2),
  windowsTarget("aarch64-pc-windows-msvc", "aarch64", 2),
  macos("x86_64-apple-darwin", "x86_64", "10.12", 2),
  macos("aarch64-apple-darwin", "aarch64", "11.0", 1),
  macosUniversal("universal-apple-darwin", ["x86_64-apple-darwin", "aarch64-apple-darwin"], "10.12", 2),
  ios("aarch64-apple-ios", "aarch64", "ios", "13.0", 1),
  ios("aarch64-apple-ios-sim", "aarch64", "ios-simulator", "14.0", 2),
  ios("x86_64-apple-ios", "x86_64", "ios-simulator", "13.0", 2),
  androidTarget("aarch64-linux-android", "aarch64", 1),
  androidTarget("armv7-linux-androideabi", "armv7", 2),
  androidTarget("i686-linux-android", "i686", 2),
  androidTarget("x86_64-linux-android", "x86_64", 2),
  web("wasm32-unknown-unknown", "wasm32", 2),
];

type Tier = Target["tier"];
type NodeCpu = NonNullable<Target["node"]>["cpu"];

/** Undefined where Node itself is not released for the processor. */
function nodeCpuOf(cpu: string): NodeCpu | undefined {
  return (
    { x86_64: "x64", i686: "ia32", aarch64: "arm64", armv7: "arm" } as Partial<Record<string, NodeCpu>>
  )[cpu];
}

/** Only 32-bit x86 outside Windows aligns 64-bit integers to 4 bytes. */
function elfAbi(cpu: string): Target["abiClass"] {
  return ({ i686: "p4a4", armv7: "p4a8" } as Partial<Record<string, Target["abiClass"]>>)[cpu] ?? "p8a8";
}

function linux(triple: string, cpu: string, tier: Tier, glibc = "2.17"): Target {
  const isMusl = triple.includes("musl");
  const nodeCpu = nodeCpuOf(cpu);
  return {
    triple,
    family: isMusl ? "linux-musl" : "linux-gnu",
    cpu,
    format: "elf",
    abiClass: elfAbi(cpu),
    libraries: both,
    floor: isMusl ? { kind: "musl", version: "1.2" } : { kind: "glibc", version: glibc },
    ...(nodeCpu === undefined
      ? {}
      : { node: { os: "linux", cpu: nodeCpu, libc: isMusl ? "musl" : "glibc" } as const }),
    tier,
  };
}

function windowsTarget(triple: string, cpu: string, tier: Tier): Target {
  const isMsvc = triple.endsWith("msvc");
  const nodeCpu = nodeCpuOf(cpu);
  return {
    triple,
    family: isMsvc ? "windows-msvc" : "windows-gnullvm",
    cpu,
    format: "pe",
    abiClass: cpu === "i686" ? "p4a8" : "p8a8",
    libraries: both,
    floor: windows,
    // One Node package a platform: the gnullvm build is the one that ships.
    ...(isMsvc || nodeCpu === undefined ? {} : { node: { os: "win32", cpu: nodeCpu } as const }),
    tier,
  };
}

function macos(triple: string, cpu: "x86_64" | "aarch64", version: string, tier: Tier): Target {
  return {
    ...macosLibraries(triple, cpu, version, tier),
    node: { os: "darwin", cpu: cpu === "x86_64" ? "x64" : "arm64" },
  };
}

/** One file that holds the libraries of the slices; npm has a package for each processor instead. */
function macosUniversal(triple: string, slices: readonly string[], version: string, tier: Tier): Target {
  return { ...macosLibraries(triple, "universal", version, tier), slices };
}

function macosLibraries(triple: string, cpu: string, version: string, tier: Tier): Target {
  return {
    triple,
    family: "macos",
    cpu,
    format: "macho",
    abiClass: "p8a8",
    libraries: both,
    floor: { kind: "macos", version },
    tier,
  };
}

/** iOS ships static libraries only: the stub symbol list is macOS's, so a dynamic link would prove nothing. */
function ios(
  triple: string,
  cpu: "x86_64" | "aarch64",
  kind: "ios" | "ios-simulator",
  version: string,
  tier: Tier,
): Target {
  return {
    triple,
    family: "ios",
    cpu,
    format: "macho",
    abiClass: "p8a8",
    libraries: ["static"],
    floor: { kind, version },
    tier,
  };
}

function androidTarget(triple: string, cpu: string, tier: Tier): Target {
  return {
    triple,
    family: "android",
    cpu,
    format: "elf",
    abiClass: elfAbi(cpu),
    libraries: both,
    floor: android,
    tier,
  };
}

/** One module that a JavaScript host instantiates; it has no other kind of library. */
function web(triple: string, cpu: string, tier: Tier): Target {
  return {
    triple,
    family: "web",
    cpu,
    format: "wasm",
    abiClass: "p4a8",
    libraries: ["dynamic"],
    floor: { kind: "none" },
    tier,
  };
}
