// zig as C compiler, linker and archiver: its target names, its launchers, and what to say where it is missing.
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import type { ToolLauncher } from "./launcher.ts";
import type { HostFacts, Unsupported, ZigFacts } from "./toolchain.ts";

export function zigProgram(zig: ZigFacts, platform: NodeJS.Platform = process.platform): string {
  return join(zig.directory, platform === "win32" ? "zig.exe" : "zig");
}

export function zigLibrary(zig: ZigFacts): string {
  return join(zig.directory, "lib");
}

/** zig keeps compiled C runtimes here; the first link for a target fills it. */
export function zigCache(facts: HostFacts): string {
  return join(facts.cache, "zig-cache");
}

export function zigEnvironment(facts: HostFacts): Record<string, string> {
  const cache = zigCache(facts);
  return { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
}

export function missingZig(target: Target, facts: HostFacts): Unsupported | undefined {
  const { state, version } = facts.zig;
  if (state.kind === "absent")
    return { kind: "unsupported", target, reason: state.reason, remedy: state.remedy };
  if (state.kind === "cached" || !facts.offline) return undefined;
  return {
    kind: "unsupported",
    target,
    reason: `zig ${version} is not in ${facts.cache} and --offline forbids fetching it`,
    remedy: `npm run matrix -- --target ${target.triple} (once, with a network)`,
  };
}

/** `-target` and `-mcpu` for zig cc: the architecture levels that Rust's targets promise. */
export function zigTargetArguments(target: Target): string[] {
  const cpu = ({ i686: "x86", armv7: "arm" } as Partial<Record<string, string>>)[target.cpu] ?? target.cpu;
  const hardFloat = target.cpu === "armv7" ? "eabihf" : "";
  const system = {
    glibc: () => `linux-gnu${hardFloat}.${target.floor.kind === "glibc" ? target.floor.version : ""}`,
    musl: () => `linux-musl${hardFloat}`,
    windows: () => "windows-gnu",
    macos: () => `macos.${target.floor.kind === "macos" ? target.floor.version : ""}`,
    none: () => "freestanding",
  } as Partial<Record<Target["floor"]["kind"], () => string>>;
  const name = system[target.floor.kind];
  if (name === undefined) throw new TypeError(`zig cc has no target for ${target.triple}`);
  const level = { i686: ["-mcpu=pentium4"], armv7: ["-mcpu=generic+v7a+vfp3d16+thumb2-neon"] } as Partial<
    Record<Target["cpu"], string[]>
  >;
  return ["-target", `${cpu}-${name()}`, ...(level[target.cpu] ?? [])];
}

/**
 * zig compiles its C runtime for each target at the first link, once for each optimisation and once more for programs that
 * are not stripped. A link that says nothing gets the runtime unoptimised; what the cc crate chooses comes later and wins.
 */
export const releaseRuntime = ["-O2", "-fno-sanitize=undefined"] as const;

/** zig cc for the target. -g0: C debug information would carry the paths of the build machine. */
export function zigCompiler(target: Target, facts: HostFacts): ToolLauncher {
  return {
    name: "cc",
    program: zigProgram(facts.zig),
    before: ["cc", ...zigTargetArguments(target), ...releaseRuntime],
    after: ["-g0"],
    rules: target.format === "pe" ? "zig-cc-windows" : "zig-cc",
    environment: zigEnvironment(facts),
  };
}

/** What a program's link adds to share the runtime of the libraries, which are stripped: another one takes minutes. */
export const sharedRuntime = ["-Wl,--strip-all"] as const;

export function zigArchiver(facts: HostFacts): ToolLauncher {
  return {
    name: "ar",
    program: zigProgram(facts.zig),
    before: ["ar"],
    after: [],
    rules: "plain",
    environment: zigEnvironment(facts),
  };
}

/** zig's plain clang, which takes any target name that clang takes and brings only its own headers. */
export function zigClang(
  facts: HostFacts,
  before: readonly string[],
  after: readonly string[] = [],
): ToolLauncher {
  return {
    name: "cc",
    program: zigProgram(facts.zig),
    before: ["clang", ...before],
    after: [...after, "-g0"],
    rules: "own-target",
    environment: zigEnvironment(facts),
  };
}

/** Links programs for this very machine; undefined where zig cannot be the linker of the system. */
export function hostLinker(facts: HostFacts): ToolLauncher | undefined {
  if (facts.platform !== "linux" || facts.zig.state.kind === "absent") return undefined;
  return {
    name: "host-cc",
    program: zigProgram(facts.zig),
    before: ["cc"],
    after: [],
    rules: "zig-cc",
    environment: zigEnvironment(facts),
  };
}
