// Runs a build plan: launchers, cargo, the addon, then the files into the artifact's folder and the record last.
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { FileDigests } from "../shared/file-digest.ts";
import { withPlaceNames, type PlaceName } from "../shared/place-names.ts";
import type { Command, Exit, Process, RunOptions } from "../shared/process.ts";
import { writeLaunchers, type ToolLauncher } from "../toolchain/launcher.ts";
import type { HostFacts, ToolchainPlan } from "../toolchain/toolchain.ts";
import { nativeStaticLibrariesWord } from "./addon.ts";
import type { Artifact, Provenance } from "./artifact.ts";
import { contentKey } from "./content-key.ts";
import { hostUnitsFolder, keepHostUnits, lendHostUnits, type HostCompilation } from "./host-units.ts";
import { linkerVariable, type BuildPlan, type BuildSettings } from "./plan.ts";
import { forgetRecord, readFinished, sizesWithOtherStd, takeOver, writeRecord } from "./record.ts";

export interface BuildContext {
  readonly process: Process;
  readonly facts: HostFacts;
  readonly settings: BuildSettings;
  /** Digest of all sources, computed once for a run. */
  readonly sources: string;
  /** Of built files. */
  readonly digests: FileDigests;
  /** What stands for this machine's folders in the log. */
  readonly places: readonly PlaceName[];
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface BuildResult {
  readonly artifact: Artifact;
  /** True when a finished build with the same key was there already. */
  readonly reused: boolean;
}

/** The artifact of a finished build that this one would only repeat. */
export async function findFinished(
  plan: BuildPlan,
  toolchain: ToolchainPlan,
  context: Pick<BuildContext, "sources" | "facts" | "digests">,
): Promise<Artifact | undefined> {
  const key = contentKey(context.sources, toolchain, plan, context.facts);
  const finished = await readFinished(plan.directories.artifact, key, context.digests);
  return finished === undefined ? undefined : { ...finished, target: toolchain.target };
}

export async function runBuild(
  plan: BuildPlan,
  toolchain: ToolchainPlan,
  context: BuildContext,
): Promise<BuildResult> {
  const { directories } = plan;
  const finished = await findFinished(plan, toolchain, context);
  if (finished !== undefined) return { artifact: finished, reused: true };
  const key = contentKey(context.sources, toolchain, plan, context.facts);
  const otherStd = await sizesWithOtherStd(directories.artifact, plan.std, context.settings.profile);
  await forgetRecord(directories.artifact);
  await mkdir(directories.artifact, { recursive: true });
  await mkdir(directories.work, { recursive: true });
  await writeLaunchers(directories.tools, launchersOf(toolchain, plan.exportList));
  await writeLaunchers(
    directories.hostTools,
    toolchain.buildScripts === undefined ? [] : [toolchain.buildScripts],
  );
  const logFile = join(directories.artifact, "build.log");
  await rm(logFile, { force: true });
  const run = (command: Command): Promise<Exit> => runStep(command, plan.triple, logFile, context);
  const cargo = await withHostUnits(plan, context, () => run(plan.cargo));
  const nativeStaticLibraries = parseNativeLibraries(cargo.stderr);
  for (const command of plan.addon) await run(withNativeLibraries(command, nativeStaticLibraries));
  const libraries = [];
  for (const output of plan.outputs) libraries.push(await takeOver(directories.artifact, output));
  const artifact: Artifact = {
    target: toolchain.target,
    directory: directories.artifact,
    libraries,
    provenance: provenanceOf(plan, toolchain, context, nativeStaticLibraries),
    ...(otherStd === undefined ? {} : { otherStd }),
  };
  await writeRecord({ ...artifact, contentKey: key });
  return { artifact, reused: false };
}

/** What is compiled for this machine is compiled for the first target, and lent to the others. */
async function withHostUnits<T>(plan: BuildPlan, context: BuildContext, build: () => Promise<T>): Promise<T> {
  const { work, cargo } = plan.directories;
  const lockFile = join(plan.cargo.cwd ?? ".", "Cargo.lock");
  const lent = await hostUnitsFolder(dirname(work), hostCompilation(plan, context), lockFile);
  await lendHostUnits(lent, cargo);
  const result = await build();
  await keepHostUnits(cargo, lent);
  return result;
}

function hostCompilation(plan: BuildPlan, context: Pick<BuildContext, "facts">): HostCompilation {
  const { env = {} } = plan.cargo;
  const host = context.facts.rust?.host ?? "";
  return {
    compiler: compilerOf(plan, context),
    linker: env[linkerVariable(host)],
    bootstrap: env["RUSTC_BOOTSTRAP"],
  };
}

function compilerOf({ std }: BuildPlan, { facts }: Pick<BuildContext, "facts">): string {
  return (std === "distribution" ? facts.distribution : facts.rust)?.version ?? "";
}

function launchersOf(plan: ToolchainPlan, exportList: string | undefined): ToolLauncher[] {
  const { compiler, archiver, lld } = plan;
  // A project without a header has no list.
  const hasList = compiler !== undefined && exportList !== undefined && existsSync(exportList);
  const linking = hasList ? { ...compiler, exportList } : compiler;
  return [linking, archiver, lld].filter((launcher) => launcher !== undefined);
}

async function runStep(
  command: Command,
  triple: string,
  logFile: string,
  context: BuildContext,
): Promise<Exit> {
  const { process, places, onLine, signal } = context;
  const options: RunOptions = {
    logFile,
    logLine: (line) => withPlaceNames(line, places),
    ...(onLine === undefined ? {} : { onLine }),
    ...(signal === undefined ? {} : { signal }),
  };
  const exit = await process.run(command, options);
  if (exit.code === 0) return exit;
  throw new ToolError({
    code: "build-failed",
    family: "finding",
    message: `${triple}: ${command.program} ended with ${exit.code ?? exit.signal}\n${lastLines(exit.stderr, 25)}`,
    remedy: `see ${logFile}`,
  });
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** rustc prints them as a note; cargo repeats the note when nothing had to be compiled. */
export function parseNativeLibraries(stderr: string): string[] {
  const line = /native-static-libs: (.*)$/m.exec(stderr)?.[1] ?? "";
  return line
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(usersRuntime);
}

/** A DLL has Microsoft's runtime inside; users of the static library have the one that their projects have unasked. */
function usersRuntime(word: string): string {
  return word.replace(/^(\/defaultlib:)libcmt$/i, "$1msvcrt");
}

function withNativeLibraries(command: Command, libraries: readonly string[]): Command {
  return {
    ...command,
    args: command.args.flatMap((word) => (word === nativeStaticLibrariesWord ? libraries : [word])),
  };
}

function provenanceOf(
  plan: BuildPlan,
  toolchain: ToolchainPlan,
  context: BuildContext,
  nativeStaticLibraries: readonly string[],
): Provenance {
  const { settings } = context;
  return {
    rustc: compilerOf(plan, context),
    std: plan.std,
    linker: toolchain.linker,
    cCompiler: toolchain.cCompiler,
    sysroot: toolchain.sysroot,
    profile: settings.profile,
    gitCommit: settings.gitCommit,
    nativeStaticLibraries,
  };
}
