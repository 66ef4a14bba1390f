// Chooses how a program of a target runs on this machine: directly, through its loader, under qemu or under Wine.
import type { Target } from "../matrix/target.ts";
import type { Host } from "./host.ts";
import { installLine, runnerPackages } from "./requirements.ts";

export type Linkage = "dynamic" | "static";

export type RunnerChoice =
  | { readonly kind: "runner"; readonly runner: Runner }
  /** Would run here with something installed. */
  | { readonly kind: "missing"; readonly reason: string; readonly remedy: string }
  /** Nothing on this kind of machine runs it. */
  | { readonly kind: "impossible" };

export interface Runner {
  /** For messages: "native", "qemu-aarch64-static", "wine64". */
  readonly name: string;
  readonly claim: "executed" | "emulated";
  /** Goes before the program. */
  readonly prefix: readonly string[];
  readonly system: "posix" | "wine";
  /** Every run has a limit: an emulator may spin for ever. */
  readonly timeLimitMs: number;
}

const nativeLimitMs = 180_000;
const emulatedLimitMs = 420_000;

/** `dynamic` programs need their target's C library on this machine; `static` ones do not, where the C library is musl. */
export function chooseRunner(target: Target, linkage: Linkage, host: Host): RunnerChoice {
  if (host.platform === "darwin") return onDarwin(target, host);
  if (host.platform === "win32") return onWindows(target, host);
  if (host.platform !== "linux") return { kind: "impossible" };
  switch (target.family) {
    case "linux-gnu":
      return glibc(target, host);
    case "linux-musl":
      return linkage === "static" ? freestanding(target, host) : musl(target, host);
    case "windows-gnullvm":
    case "windows-msvc":
      return wine(target, host);
    default:
      return { kind: "impossible" };
  }
}

function onDarwin(target: Target, host: Host): RunnerChoice {
  return target.family === "macos" && cpuOf(host) === target.cpu ? native() : { kind: "impossible" };
}

function onWindows(target: Target, host: Host): RunnerChoice {
  return target.format === "pe" && runsDirectly(target, host) ? native() : { kind: "impossible" };
}

function glibc(target: Target, host: Host): RunnerChoice {
  if (cpuOf(host) === target.cpu) return native();
  if (runsDirectly(target, host)) return throughLoader(host);
  if (target.cpu === "aarch64")
    return qemu(host, "aarch64", "/usr/aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1", target.triple);
  if (target.cpu === "armv7")
    return qemu(host, "arm", "/usr/arm-linux-gnueabihf", "lib/ld-linux-armhf.so.3", target.triple);
  return { kind: "impossible" };
}

/** 32-bit x86 on a 64-bit kernel: native speed, but the C library may live in a folder of its own. */
function throughLoader(host: Host): RunnerChoice {
  if (host.exists("/lib/ld-linux.so.2")) return native();
  const sysroot = "/usr/i686-linux-gnu/lib";
  if (!host.exists(`${sysroot}/ld-linux.so.2`))
    return missing("no 32-bit C library", runnerPackages["i686-unknown-linux-gnu"]);
  return native([`${sysroot}/ld-linux.so.2`, "--library-path", sysroot]);
}

function musl(target: Target, host: Host): RunnerChoice {
  const loaderName = { x86_64: "x86_64", i686: "i386", aarch64: "aarch64", armv7: "armhf" } as const;
  const loader = `/lib/ld-musl-${loaderName[target.cpu as keyof typeof loaderName]}.so.1`;
  if (!host.exists(loader)) return missingMusl(target, loader);
  return freestanding(target, host);
}

function missingMusl(target: Target, loader: string): RunnerChoice {
  const reason = `no musl loader ${loader}`;
  const debianArch = { i686: "i386", aarch64: "arm64", armv7: "armhf" }[target.cpu];
  if (debianArch === undefined) return missing(reason, runnerPackages["x86_64-unknown-linux-musl"]);
  const remedy = `dpkg --add-architecture ${debianArch} && apt-get update && apt-get install -y musl:${debianArch}`;
  return { kind: "missing", reason, remedy };
}

/** Only the processor counts: the program brings its C library, or finds it where this machine has it. */
function freestanding(target: Target, host: Host): RunnerChoice {
  if (runsDirectly(target, host)) return native();
  const emulator = { aarch64: "aarch64", armv7: "arm" }[target.cpu];
  return emulator === undefined ? { kind: "impossible" } : qemu(host, emulator, undefined, "", "qemu-user");
}

function qemu(
  host: Host,
  name: string,
  sysroot: string | undefined,
  loader: string,
  packages: string,
): RunnerChoice {
  const required = runnerPackages[packages as keyof typeof runnerPackages];
  const program = [`qemu-${name}-static`, `qemu-${name}`].map((item) => host.which(item)).find(Boolean);
  if (program === undefined) return missing(`no qemu-${name}`, required);
  if (sysroot !== undefined && !host.exists(`${sysroot}/${loader}`))
    return missing(`no C library in ${sysroot}`, required);
  const prefix = sysroot === undefined ? [program] : [program, "-L", sysroot];
  return emulated(`qemu-${name}`, prefix, "posix");
}

function wine(target: Target, host: Host): RunnerChoice {
  if (target.cpu !== "x86_64" || host.arch !== "x64") return { kind: "impossible" };
  // Debian keeps the loader off PATH; its `wine` is a script that looks for a 32-bit Wine first.
  const debian = "/usr/lib/wine/wine64";
  const program = host.exists(debian) ? debian : (host.which("wine64") ?? host.which("wine"));
  if (program === undefined) return missing("no Wine", runnerPackages.wine);
  return emulated("wine", [program], "wine");
}

function native(prefix: readonly string[] = []): RunnerChoice {
  const runner = {
    name: "native",
    claim: "executed",
    prefix,
    system: "posix",
    timeLimitMs: nativeLimitMs,
  } as const;
  return { kind: "runner", runner };
}

function emulated(name: string, prefix: readonly string[], system: Runner["system"]): RunnerChoice {
  const runner = { name, claim: "emulated", prefix, system, timeLimitMs: emulatedLimitMs } as const;
  return { kind: "runner", runner };
}

function missing(reason: string, packages: readonly string[]): RunnerChoice {
  return { kind: "missing", reason, remedy: installLine(packages) };
}

function runsDirectly(target: Target, host: Host): boolean {
  return cpuOf(host) === target.cpu || (host.arch === "x64" && target.cpu === "i686");
}

function cpuOf(host: Host): Target["cpu"] | undefined {
  const cpus: Readonly<Record<string, Target["cpu"]>> = {
    x64: "x86_64",
    arm64: "aarch64",
    arm: "armv7",
    ia32: "i686",
  };
  return cpus[host.arch];
}
