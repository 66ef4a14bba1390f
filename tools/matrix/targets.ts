// The table of all targets: one entry a target, nothing about it is written anywhere else.
import type { Target } from "./target.ts";

const glibc = { kind: "glibc", version: "2.17" } as const;
const musl = { kind: "musl", version: "1.2" } as const;
const windows = { kind: "windows", version: "10.0" } as const;
const android = { kind: "android", api: 24 } as const;
const both = ["dynamic", "static"] as const;

export const targets: readonly Target[] = [
  linux("x86_64-unknown-linux-gnu", "x86_64", 1),
  linux("i686-unknown-linux-gnu", "i686", 1),
  linux("aarch64-unknown-linux-gnu", "aarch64", 1),
  linux("armv7-unknown-linux-gnueabihf", "armv7", 1),
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
  apple("aarch64-apple-ios", "aarch64", "ios", "13.0", 1),
  apple("aarch64-apple-ios-sim", "aarch64", "ios-simulator", "14.0", 2),
  apple("x86_64-apple-ios", "x86_64", "ios-simulator", "13.0", 2),
  androidTarget("aarch64-linux-android", "aarch64", 1),
  androidTarget("armv7-linux-androideabi", "armv7", 2),
  androidTarget("i686-linux-android", "i686", 2),
  androidTarget("x86_64-linux-android", "x86_64", 2),
];

function linux(triple: string, cpu: "x86_64" | "i686" | "aarch64" | "armv7", tier: 1 | 2): Target {
  const isMusl = triple.includes("musl");
  const node = { x86_64: "x64", i686: "ia32", aarch64: "arm64", armv7: "arm" } as const;
  return {
    triple,
    family: isMusl ? "linux-musl" : "linux-gnu",
    cpu,
    format: "elf",
    abiClass: { x86_64: "p8a8", aarch64: "p8a8", i686: "p4a4", armv7: "p4a8" }[cpu] as Target["abiClass"],
    libraries: both,
    floor: isMusl ? musl : glibc,
    node: { os: "linux", cpu: node[cpu], libc: isMusl ? "musl" : "glibc" },
    tier,
  };
}

function windowsTarget(triple: string, cpu: "x86_64" | "i686" | "aarch64", tier: 1 | 2): Target {
  const isMsvc = triple.endsWith("msvc");
  const node = { x86_64: "x64", i686: "ia32", aarch64: "arm64" } as const;
  return {
    triple,
    family: isMsvc ? "windows-msvc" : "windows-gnullvm",
    cpu,
    format: "pe",
    abiClass: cpu === "i686" ? "p4a8" : "p8a8",
    libraries: both,
    floor: windows,
    // One Node package a platform: the gnullvm build is the one that ships.
    ...(isMsvc ? {} : { node: { os: "win32", cpu: node[cpu] } as const }),
    tier,
  };
}

function macos(triple: string, cpu: "x86_64" | "aarch64", version: string, tier: 1 | 2): Target {
  return {
    triple,
    family: "macos",
    cpu,
    format: "macho",
    abiClass: "p8a8",
    libraries: both,
    floor: { kind: "macos", version },
    node: { os: "darwin", cpu: cpu === "x86_64" ? "x64" : "arm64" },
    tier,
  };
}

/** iOS ships static libraries only: the stub symbol list is macOS's, so a dynamic link would prove nothing. */
function apple(
  triple: string,
  cpu: "x86_64" | "aarch64",
  kind: "ios" | "ios-simulator",
  version: string,
  tier: 1 | 2,
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

function androidTarget(triple: string, cpu: "x86_64" | "i686" | "aarch64" | "armv7", tier: 1 | 2): Target {
  return {
    triple,
    family: "android",
    cpu,
    format: "elf",
    abiClass: { x86_64: "p8a8", aarch64: "p8a8", i686: "p4a4", armv7: "p4a8" }[cpu] as Target["abiClass"],
    libraries: both,
    floor: android,
    tier,
  };
}
