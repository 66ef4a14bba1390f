// What the smoke stage is given for one target: its packages, a compiler for its clients, places for what is fetched.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "../build/artifact.ts";
import { buildDirectories } from "../build/plan.ts";
import { placeNames, type Folders } from "../matrix/folders.ts";
import type { Target } from "../matrix/target.ts";
import type { PackageFile } from "../package/package.ts";
import type { CCompiler } from "../smoke/c-compiler.ts";
import type { SmokeRequest } from "../smoke/smoke-bench.ts";
import type { StubLinker } from "../smoke/link-functions.ts";
import { mingwRuntime } from "../smoke/msvc.ts";
import { launcherPath, type ToolLauncher } from "../toolchain/launcher.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import { releaseRuntime, sharedRuntime, zigTargetArguments } from "../toolchain/zig.ts";
import type { StageContext } from "./real-stages.ts";

export function smokeRequest(
  artifact: Artifact,
  packages: readonly PackageFile[],
  toolchain: ToolchainPlan,
  { project, folders, process, progress, offline, signal }: StageContext,
): SmokeRequest {
  const { slices } = toolchain;
  // A file that holds several targets' libraries serves the programs of each.
  const cCompiler = programCompiler(slices?.[0] ?? toolchain, folders);
  const stubs = cCompiler === undefined ? stubLinker(toolchain, folders) : undefined;
  return {
    project,
    process,
    target: artifact.target,
    directory: artifact.directory,
    packages,
    ...(cCompiler === undefined ? {} : { cCompiler }),
    ...(stubs === undefined ? {} : { stubLinker: stubs }),
    ...(slices === undefined ? {} : { sliceCompilers: sliceCompilers(slices.slice(1), folders) }),
    nativeStaticLibraries: artifact.provenance.nativeStaticLibraries,
    cacheDirectory: folders.cache,
    places: placeNames(folders),
    offline,
    signal,
    onFetch: (what, bytes, into) => progress.emit({ type: "fetch", what, bytes, into }),
  };
}

/** The toolchain's compiler where it can link whole programs: over stubs, or without an SDK, it compiles libraries only. */
function programCompiler(toolchain: ToolchainPlan, folders: Folders): CCompiler | undefined {
  const { target, compiler, cCompiler, sysroot, usesZig, environment, staticLibc } = toolchain;
  if (compiler === undefined) return undefined;
  if (sysroot === "none") return target.family === "windows-msvc" ? mingwDriver(target, compiler) : undefined;
  if (sysroot === "stub" && target.family !== "macos") return undefined;
  const { tools } = buildDirectories(folders, target.triple);
  // Users of a static library on macOS have libiconv, which Rust's libc crate names; zig has it not, the stub SDK does.
  const sdk = environment["SDKROOT"];
  const runtime = usesZig ? sharedRuntime : [];
  const args = [...runtime, ...(sdk === undefined ? [] : [`-L${join(sdk, "usr/lib")}`])];
  // zig compiles for the oldest C library of the target, whatever this machine has.
  const floor = usesZig ? ({ reachesFloor: true } as const) : {};
  const libc = staticLibc !== undefined && existsSync(staticLibc) ? { staticLibc } : {};
  return { program: launcherPath(tools, compiler), args, name: cCompiler, ...floor, ...libc };
}

function sliceCompilers(
  slices: readonly ToolchainPlan[],
  folders: Folders,
): NonNullable<SmokeRequest["sliceCompilers"]> {
  return slices.flatMap((plan) => {
    const compiler = programCompiler(plan, folders);
    return compiler === undefined ? [] : [{ slice: plan.target.cpu, compiler }];
  });
}

/** zig's MinGW reads Microsoft's objects and links them with the same system libraries, so that programs are made of them. */
function mingwDriver(target: Target, { program, environment }: ToolLauncher): CCompiler {
  const args = ["cc", ...zigTargetArguments(target), ...releaseRuntime, "-g0", ...sharedRuntime];
  const linking = { hasUnixNames: true, runtimeSources: [mingwRuntime] } as const;
  return { program, args, env: environment ?? {}, name: "MinGW of zig", ...linking };
}

/** What links the libraries of a target over stubs also links a user's code against them. */
export function stubLinker(toolchain: ToolchainPlan, folders: Folders): StubLinker | undefined {
  const { target, compiler, cCompiler, lld, linker, sysroot, environment } = toolchain;
  if (sysroot !== "stub" || compiler === undefined || lld === undefined) return undefined;
  const { tools } = buildDirectories(folders, target.triple);
  const sdk = environment["SDKROOT"];
  const flavor = sdk === undefined ? "gnu" : "darwin";
  return {
    compiler: { program: launcherPath(tools, compiler), args: [], name: cCompiler },
    linker: { program: launcherPath(tools, lld), args: ["-flavor", flavor], name: linker },
    ...(sdk === undefined ? {} : { sdk }),
  };
}
