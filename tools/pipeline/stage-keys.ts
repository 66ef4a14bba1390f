// The key of each stage: a digest of everything its result depends on, apart from what it asks the machine on its way.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Artifact } from "../build/artifact.ts";
import { recordPath } from "../build/record.ts";
import { webFunctions } from "../matrix/crate.ts";
import type { Folders } from "../matrix/folders.ts";
import type { Target } from "../matrix/target.ts";
import type { PackageFile } from "../package/package.ts";
import type { RunReport } from "../report/run-report.ts";
import { sha256Of } from "../shared/digest.ts";
import type { FileDigests } from "../shared/file-digest.ts";
import type { Project } from "../shared/project.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import { closureDigest } from "./import-closure.ts";

export interface KeyContext {
  readonly project: Project;
  readonly folders: Folders;
  readonly digests: FileDigests;
  readonly offline: boolean;
  /** Seconds since 1970 that packages carry. */
  readonly sourceDateEpoch: () => Promise<number>;
  /** `smokeSources` of the project: hundreds of files, the same for all targets of a run. */
  readonly smokeSources: () => Promise<unknown>;
}

const tools = join(import.meta.dirname, "..");
const closures = new Map<string, string>();

/** The sources of a stage and of what it imports do not change within a run. */
function toolsDigest(...entries: readonly string[]): string {
  const name = entries.join(" ");
  const known = closures.get(name);
  if (known !== undefined) return known;
  const paths = entries.map((entry) => join(tools, entry));
  const digest = closureDigest(paths, join(tools, ".."));
  closures.set(name, digest);
  return digest;
}

function keyOf(...parts: readonly unknown[]): string {
  return sha256Of(JSON.stringify([globalThis.process.version, ...parts]));
}

/** The files themselves, not what the build says about them. */
async function libraryDigests({ libraries }: Artifact, { digests }: KeyContext): Promise<unknown[]> {
  return Promise.all(libraries.map(async ({ kind, path }) => [kind, path, await digests.of(path)]));
}

export async function inspectKey(artifact: Artifact, context: KeyContext): Promise<string> {
  return keyOf(
    toolsDigest("inspect/inspect.ts", "inspect/print.ts"),
    await libraryDigests(artifact, context),
  );
}

export async function verifyKey(artifact: Artifact, context: KeyContext): Promise<string> {
  const { project, folders, digests } = context;
  return keyOf(
    toolsDigest("verify/verify.ts"),
    artifact.target,
    await libraryDigests(artifact, context),
    await digests.of(join(project.root, project.generated.abiModel)),
    webFunctions(project, artifact.target),
    [project.root, folders.cache, homedir()],
  );
}

export async function packageKey(artifact: Artifact, context: KeyContext): Promise<string> {
  const { project, folders, digests } = context;
  return keyOf(
    toolsDigest("package/package-target.ts"),
    project,
    folders.packages,
    // The record holds the content key of the build: sources, lock file, toolchain.
    await digests.of(recordPath(artifact.directory)),
    await libraryDigests(artifact, context),
    await context.sourceDateEpoch(),
    await digestsOf([...packagedSources(project), ...(await webSources(artifact, project))], context),
  );
}

export async function togetherKey(artifacts: readonly Artifact[], context: KeyContext): Promise<string> {
  const parts = artifacts.map((artifact) => packageKey(artifact, context));
  const code = [toolsDigest("package/package-xcframework.ts"), toolsDigest("smoke/link-xcframework.ts")];
  return keyOf(...code, await Promise.all(parts));
}

/** Headers and licence go into each archive, the model's hash into its manifest, the lock file decides the notices. */
function packagedSources({ root, headers, licenseFile, generated }: Project): string[] {
  const headerFiles = headers.files.map((file) => join(root, headers.includeDirectory, file));
  const others = [licenseFile, generated.abiModel, "Cargo.lock", "Cargo.toml"];
  return [...headerFiles, ...others.map((file) => join(root, file))];
}

/** What the npm package of the web is compiled from. */
async function webSources({ target }: Artifact, { root, wasm }: Project): Promise<string[]> {
  if (target.family !== "web" || wasm?.npm === undefined) return [];
  return [...(await filesBelow(join(root, wasm.npm.directory))), join(root, "tsconfig.json")];
}

export async function sharedPackageKey(table: readonly Target[], context: KeyContext): Promise<string> {
  const { project, folders } = context;
  const { root, node, licenseFile } = project;
  const files = [
    ...(await filesBelow(join(root, node.directory))),
    join(root, licenseFile),
    join(root, "tsconfig.json"),
  ];
  return keyOf(
    toolsDigest("package/package-npm.ts"),
    project,
    folders.packages,
    table.map((target) => target.node),
    await context.sourceDateEpoch(),
    await digestsOf(files, context),
  );
}

export async function smokeKey(
  artifact: Artifact,
  packages: readonly PackageFile[],
  { compiler, cCompiler, lld, sysroot, environment }: ToolchainPlan,
  context: KeyContext,
): Promise<string> {
  const { digests, offline, project } = context;
  const packed = packages.map(async ({ kind, path }) => [kind, path, await digests.of(path)]);
  return keyOf(
    toolsDigest("smoke/smoke-target.ts"),
    artifact.target,
    artifact.provenance.nativeStaticLibraries,
    await Promise.all(packed),
    { compiler, cCompiler, lld, sysroot, environment, offline },
    project.smoke,
    await context.smokeSources(),
  );
}

/** What the programs are built from that run against each other. */
export async function smokeSources(context: Pick<KeyContext, "project" | "digests">): Promise<unknown> {
  return [await digestsOf(await clientSources(context.project), context), await peerDigest(context)];
}

/** What happened when, and how long it took, makes no other report. */
const passing = new Set(["startedAt", "seconds", "reused", "detail"]);

export function reportKey(run: RunReport): string {
  // What was fetched for a build is not asked for again when the build is there.
  const targets = run.targets.map((target) => ({
    ...target,
    steps: target.steps.filter(({ step }) => step !== "prepare"),
  }));
  const lasting = JSON.stringify({ ...run, targets }, (name, value: unknown) =>
    passing.has(name) ? undefined : value,
  );
  return keyOf(toolsDigest("report/write-report.ts", "package/checksums.ts"), lasting);
}

async function clientSources({ root, smoke, generated, wasm }: Project): Promise<string[]> {
  const { cLayout } = generated;
  const layouts = cLayout !== "" && existsSync(join(root, cLayout)) ? [cLayout] : [];
  const web = wasm?.npm === undefined ? [] : [wasm.npm.smokeProgram];
  const named = [smoke.scenario, smoke.nodeProgram, ...smoke.cSources, ...layouts, ...web];
  const folders = [...new Set(named.map((file) => dirname(join(root, file))))];
  return (await Promise.all(folders.map(filesBelow))).flat();
}

/** The peer is built from the workspace; its tests change nothing about it. */
async function peerDigest(context: Pick<KeyContext, "project" | "digests">): Promise<unknown> {
  const { root, crate } = context.project;
  const rootFiles = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"];
  const crates = dirname(dirname(join(root, crate.manifest)));
  const sources = await filesBelow(crates.startsWith(root) && crates !== root ? crates : join(root, "src"));
  return digestsOf([...rootFiles.map((file) => join(root, file)), ...sources], context);
}

/** What builds and tests leave beside sources, and what is installed there. */
const notSources = new Set(["node_modules", "target", "dist", "build", "test", "tests", "bench", "benches"]);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = entries.map((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return Promise.resolve([path]);
    return notSources.has(entry.name) ? Promise.resolve([]) : filesBelow(path);
  });
  return (await Promise.all(nested)).flat();
}

async function digestsOf(
  files: readonly string[],
  { digests }: Pick<KeyContext, "digests">,
): Promise<unknown[]> {
  return Promise.all([...files].sort().map(async (path) => [path, (await digests.of(path)) ?? "missing"]));
}
