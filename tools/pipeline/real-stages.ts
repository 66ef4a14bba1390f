// The stages after the build as they really are, wired to one project and one run.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { buildDirectories } from "../build/plan.ts";
import type { Artifact } from "../build/artifact.ts";
import { inspectArtifact } from "../inspect/inspect.ts";
import { factsAsJson } from "../inspect/print.ts";
import type { ArtifactFacts } from "../inspect/facts.ts";
import type { Folders } from "../matrix/folders.ts";
import type { Target } from "../matrix/target.ts";
import { readAbiIdentity } from "../package/abi-identity.ts";
import type { PackageContext } from "../package/context.ts";
import { writeChecksums } from "../package/checksums.ts";
import { packageNpm } from "../package/package-npm.ts";
import { packageTarget } from "../package/package-target.ts";
import type { PackageFile } from "../package/package.ts";
import { sourceDateEpoch } from "../package/source-date.ts";
import { writeReport } from "../report/write-report.ts";
import type { Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";
import type { Project } from "../shared/project.ts";
import type { CCompiler } from "../smoke/c-compiler.ts";
import { buildPeer } from "../smoke/peer.ts";
import { smokeTarget } from "../smoke/smoke-target.ts";
import { launcherPath } from "../toolchain/launcher.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Finding } from "../verify/finding.ts";
import type { VerifyContext } from "../verify/gate.ts";
import { verifyArtifact } from "../verify/verify.ts";
import type { Stages } from "./stages.ts";

export interface StageContext {
  readonly project: Project;
  readonly folders: Folders;
  /** The whole table: the npm root names the platforms of all. */
  readonly table: readonly Target[];
  readonly process: Process;
  readonly progress: ProgressSink;
  readonly offline: boolean;
  readonly signal: AbortSignal;
}

export function realStages(context: StageContext): Stages {
  const packaging = once(() => packageContext(context));
  const verification = once(() => verifyContext(context));
  const npmRoot = once(async () => npmPackages(context, await packaging()));
  const peer = once(() => buildPeer(context.project, context.process, { signal: context.signal }));
  return {
    inspect: inspectAll,
    verify: async (artifact, facts) => verifyAll(artifact, facts, await verification()),
    package: async (artifact) => packageTarget(artifact, await packaging()),
    packageShared: npmRoot,
    smoke: async (artifact, packages, toolchain, onLine) => {
      const peerProgram = await peer();
      return smokeTarget({ ...smokeRequest(artifact, packages, toolchain, context), peerProgram, onLine });
    },
    report: async (run) => {
      const packages = [...run.targets.flatMap((target) => target.packages), ...run.packages];
      if (packages.length > 0) await writeChecksums(packages, context.folders.packages);
      return (await writeReport(run, context.folders.report)).html;
    },
  };
}

/** What several targets need is made for the first that asks. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function inspectAll(artifact: Artifact): Promise<readonly ArtifactFacts[]> {
  const facts = await Promise.all(artifact.libraries.map(({ path }) => inspectArtifact(path)));
  await writeFile(join(artifact.directory, "facts.json"), `${factsAsJson(facts)}\n`);
  return facts;
}

async function verifyAll(
  artifact: Artifact,
  facts: readonly ArtifactFacts[],
  context: VerifyContext,
): Promise<readonly Finding[]> {
  const findings = await verifyArtifact(artifact, facts, context);
  await writeFile(join(artifact.directory, "findings.json"), `${JSON.stringify(findings, null, 2)}\n`);
  return findings;
}

async function verifyContext({ project, folders }: StageContext): Promise<VerifyContext> {
  const model = JSON.parse(await readFile(join(project.root, project.generated.abiModel), "utf8")) as {
    functions: readonly { name: string }[];
  };
  return {
    functions: model.functions.map(({ name }) => name),
    buildPaths: [project.root, folders.cache, homedir()],
  };
}

async function packageContext({ project, folders, process, signal }: StageContext): Promise<PackageContext> {
  return {
    project,
    process,
    packagesDirectory: folders.packages,
    sourceDateEpoch: await sourceDateEpoch(project, process),
    abi: await readAbiIdentity(project),
    signal,
  };
}

/** A project without an npm package has nothing that serves every target. */
async function npmPackages(
  { project, table }: StageContext,
  context: PackageContext,
): Promise<readonly PackageFile[]> {
  if (!existsSync(join(project.root, project.node.directory, "package.json"))) return [];
  return [await packageNpm(table, context)];
}

function smokeRequest(
  artifact: Artifact,
  packages: readonly PackageFile[],
  toolchain: ToolchainPlan,
  { project, folders, process, progress, offline, signal }: StageContext,
): Parameters<typeof smokeTarget>[0] {
  const cCompiler = programCompiler(toolchain, folders);
  return {
    project,
    process,
    target: artifact.target,
    directory: artifact.directory,
    packages,
    ...(cCompiler === undefined ? {} : { cCompiler }),
    nativeStaticLibraries: artifact.provenance.nativeStaticLibraries,
    cacheDirectory: folders.cache,
    offline,
    signal,
    onFetch: (what, bytes, into) => progress.emit({ type: "fetch", what, bytes, into }),
  };
}

/** The toolchain's compiler where it can link whole programs: over stubs it compiles libraries only. */
function programCompiler(toolchain: ToolchainPlan, folders: Folders): CCompiler | undefined {
  const { target, compiler, cCompiler, sysroot } = toolchain;
  if (compiler === undefined || (sysroot === "stub" && target.family !== "macos")) return undefined;
  const { tools } = buildDirectories(folders, target.triple);
  // Users of a static library on macOS have libiconv, which Rust's libc crate names; zig has it not, the stub SDK does.
  const sdk = toolchain.environment["SDKROOT"];
  const args = sdk === undefined ? [] : [`-L${join(sdk, "usr/lib")}`];
  return { program: launcherPath(tools, compiler), args, name: cCompiler };
}
