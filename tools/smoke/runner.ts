// Chooses how a program of a target runs on this machine: directly, through its loader, under qemu or under Wine.
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import {
  foreignCxxLibraries,
  foreignLibraries,
  muslLibrary,
  oldLibraries,
  type CLibrary,
} from "./c-library.ts";
import type { Host } from "./host.ts";
import { installLine, runnerPackages } from "./requirements.ts";
import { wineLoader, wineWindowsFolder, type TreeName } from "./trees.ts";

export type Linkage = "dynamic" | "static";

/** The machine, and what was fetched for it. */
export interface Machine {
  readonly host: Host;
  /** Folder of Debian's packages in the cache; undefined before it is fetched. */
  readonly tree: (name: TreeName) => string | undefined;
}

export type RunnerChoice =
  | { readonly kind: "runner"; readonly runner: Runner }
  /** Would run here with something installed, or with the tree fetched. */
  | { readonly kind: "missing"; readonly reason: string; readonly remedy: string; readonly tree: TreeName }
  /** Nothing on this kind of machine runs it. */
  | { readonly kind: "impossible" };

export interface Runner {
  /** For messages: "native", "qemu-aarch64", "wine". */
  readonly name: string;
  readonly claim: "executed" | "emulated";
  /** Goes before the program. */
  readonly prefix: readonly string[];
  readonly system: "posix" | "wine";
  /** Every run has a limit: an emulator may spin for ever. */
  readonly timeLimitMs: number;
  /** Where the C library comes from that the program loads, if not from this machine's own system. */
  readonly libraries?: LoadedLibraries;
  /** For Wine: what a prefix needs beside Wine's own files. */
  readonly windowsFolder?: string;
}

export interface LoadedLibraries {
  readonly name: string;
  /** Where they are from Debian's packages in the cache. */
  readonly tree?: string;
}

const nativeLimitMs = 180_000;
const emulatedLimitMs = 420_000;

/** `dynamic` programs need their target's C library on this machine; `static` ones do not, where the C library is musl. */
export function chooseRunner(target: Target, linkage: Linkage, machine: Machine): RunnerChoice {
  const { host } = machine;
  if (host.platform === "darwin") return onDarwin(target, host);
  if (host.platform === "win32") return onWindows(target, host);
  if (host.platform !== "linux") return { kind: "impossible" };
  switch (target.family) {
    case "linux-gnu":
      return cpuOf(host) === target.cpu ? native() : withLibraries(target, foreignLibraries(target), machine);
    case "linux-musl":
      return linkage === "static"
        ? freestanding(target, machine)
        : withLibraries(target, muslLibrary(target), machine);
    case "windows-gnullvm":
    case "windows-msvc":
      return wine(target, machine);
    default:
      return { kind: "impossible" };
  }
}

/** Node is a C++ program, so it needs more of a system than our own programs. */
export function chooseNodeRunner(target: Target, machine: Machine): RunnerChoice {
  const isForeign = machine.host.platform === "linux" && cpuOf(machine.host) !== target.cpu;
  if (isForeign && target.family === "linux-gnu")
    return withLibraries(target, foreignCxxLibraries(target), machine);
  return chooseRunner(target, "dynamic", machine);
}

/** The oldest userland that can be had: the same program with an old C library instead of this machine's. */
export function chooseOldRunner(target: Target, machine: Machine): RunnerChoice {
  const { platform } = machine.host;
  const isGlibc = platform === "linux" && target.family === "linux-gnu";
  return isGlibc ? withLibraries(target, oldLibraries(target), machine) : { kind: "impossible" };
}

function onDarwin(target: Target, host: Host): RunnerChoice {
  const runs = target.family === "macos" && (cpuOf(host) === target.cpu || target.slices !== undefined);
  return runs ? native() : { kind: "impossible" };
}

function onWindows(target: Target, host: Host): RunnerChoice {
  return target.format === "pe" && runsDirectly(target, host) ? native() : { kind: "impossible" };
}

/** The loader finds the C library of its folder; for another processor qemu looks into the folder first. */
function withLibraries(target: Target, library: CLibrary | undefined, machine: Machine): RunnerChoice {
  if (library === undefined) return { kind: "impossible" };
  const { name, remedy, tree } = library;
  const found = findLibrary(library, machine);
  const lacking = { kind: "missing", reason: `no ${name}`, remedy, tree } as const;
  if (runsDirectly(target, machine.host)) {
    if (found === undefined) return lacking;
    return found.root === "/" ? native() : native(loaderPrefix(library, found.root), found.libraries);
  }
  return underQemu(target, machine, remedy, (program, emulator) => {
    if (found === undefined) return lacking;
    const sysroot = found.root === "/" ? [] : ["-L", found.root];
    return emulated(emulator, [program, ...sysroot], { libraries: found.libraries });
  });
}

function loaderPrefix({ loader, folder }: CLibrary, root: string): string[] {
  const path = folder === undefined ? [] : ["--library-path", join(root, folder)];
  return [join(root, loader), ...path];
}

interface FoundLibrary {
  readonly root: string;
  readonly libraries: LoadedLibraries;
}

/** As installed on the system, else as fetched. */
function findLibrary(library: CLibrary, { host, tree }: Machine): FoundLibrary | undefined {
  const { name, systemRoots, loader, alsoNeeds, rootInTree } = library;
  const needed = [loader, ...(alsoNeeds === undefined ? [] : [alsoNeeds])];
  const installed = systemRoots.find((root) => needed.every((file) => host.exists(join(root, file))));
  if (installed !== undefined) return { root: installed, libraries: { name } };
  const fetched = tree(library.tree);
  if (fetched === undefined) return undefined;
  return { root: join(fetched, rootInTree), libraries: { name, tree: fetched } };
}

/** Only the processor counts: the program brings its C library. */
function freestanding(target: Target, machine: Machine): RunnerChoice {
  if (runsDirectly(target, machine.host)) return native();
  const remedy = installLine(runnerPackages["qemu-user"]);
  return underQemu(target, machine, remedy, (program, emulator) => emulated(emulator, [program]));
}

function underQemu(
  target: Target,
  { host, tree }: Machine,
  remedy: string,
  use: (program: string, emulator: string) => RunnerChoice,
): RunnerChoice {
  const processor = { aarch64: "aarch64", armv7: "arm", riscv64: "riscv64" }[target.cpu];
  if (processor === undefined) return { kind: "impossible" };
  const name = `qemu-${processor}`;
  const installed = [`${name}-static`, name].map((item) => host.which(item)).find(Boolean);
  const fetched = installed === undefined ? tree("qemu-user") : undefined;
  const program = installed ?? (fetched && join(fetched, "usr/bin", `${name}-static`));
  if (program === undefined) return { kind: "missing", reason: `no ${name}`, remedy, tree: "qemu-user" };
  return use(program, name);
}

function wine(target: Target, { host, tree }: Machine): RunnerChoice {
  if (host.arch !== "x64" || (target.cpu !== "x86_64" && target.cpu !== "i686"))
    return { kind: "impossible" };
  const installed = installedWine(target, host);
  if (installed !== undefined) return emulated("wine", [installed], { system: "wine" });
  const fetched = tree("wine");
  const remedy = installLine(runnerPackages.wine);
  const reason = `no Wine for ${target.cpu} programs`;
  if (fetched === undefined) return { kind: "missing", reason, remedy, tree: "wine" };
  const windowsFolder = join(fetched, wineWindowsFolder);
  return emulated("wine", [join(fetched, wineLoader)], { system: "wine", windowsFolder });
}

/** Debian keeps the loader off PATH; its `wine` is a script that looks for a 32-bit Wine first. */
function installedWine(target: Target, host: Host): string | undefined {
  // A Wine that runs 32-bit programs within 64-bit processes has Windows libraries of both kinds.
  const has32Bit = host.exists("/usr/lib/x86_64-linux-gnu/wine/i386-windows/ntdll.dll");
  if (target.cpu === "i686" && !has32Bit) return undefined;
  const loaders = ["/usr/lib/wine/wine64", "/usr/lib/x86_64-linux-gnu/wine/wine"];
  return loaders.find((path) => host.exists(path)) ?? host.which("wine64") ?? host.which("wine");
}

function native(prefix: readonly string[] = [], libraries?: LoadedLibraries): RunnerChoice {
  const runner = {
    name: "native",
    claim: "executed",
    prefix,
    system: "posix",
    timeLimitMs: nativeLimitMs,
    ...(libraries === undefined ? {} : { libraries }),
  } as const;
  return { kind: "runner", runner };
}

function emulated(name: string, prefix: readonly string[], more: Partial<Runner> = {}): RunnerChoice {
  const common = { claim: "emulated", system: "posix", timeLimitMs: emulatedLimitMs } as const;
  return { kind: "runner", runner: { name, prefix, ...common, ...more } };
}

/** 32-bit x86 runs at native speed on a 64-bit kernel. */
function runsDirectly(target: Target, host: Host): boolean {
  return cpuOf(host) === target.cpu || (host.arch === "x64" && target.cpu === "i686");
}

function cpuOf(host: Host): Target["cpu"] | undefined {
  const cpus: Readonly<Record<string, Target["cpu"]>> = {
    x64: "x86_64",
    arm64: "aarch64",
    arm: "armv7",
    ia32: "i686",
    riscv64: "riscv64",
  };
  return cpus[host.arch];
}
