// The stages after the build as they really are, wired to one project and one run; each is loaded when it has to run.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Artifact } from "../build/artifact.ts";
import type { ArtifactFacts } from "../inspect/facts.ts";
import { webFunctions } from "../matrix/crate.ts";
import { placeNames, type Folders } from "../matrix/folders.ts";
import type { Target } from "../matrix/target.ts";
import type { PackageContext } from "../package/context.ts";
import type { PackageFile } from "../package/package.ts";
import { sourceDateEpoch } from "../package/source-date.ts";
import type { LibrarySummary } from "../report/library-summary.ts";
import type { RunReport } from "../report/run-report.ts";
import { FileDigests } from "../shared/file-digest.ts";
import { withPlaceNames } from "../shared/place-names.ts";
import type { Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";
import type { Project } from "../shared/project.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import { failuresOf, type LinkTest, type Verification } from "../smoke/verification.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { VerifyContext } from "../verify/gate.ts";
import { askedHost } from "./asked-host.ts";
import { smokeRequest, stubLinker } from "./smoke-request.ts";
import * as keys from "./stage-keys.ts";
import type { Judgement, PackedTogether, Stages } from "./stages.ts";
import { decided, type Outcome } from "./verdict.ts";

export interface StageContext {
  readonly project: Project;
  readonly folders: Folders;
  /** The whole table: the npm root names the platforms of all. */
  readonly table: readonly Target[];
  readonly process: Process;
  readonly progress: ProgressSink;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** How many processes a person allows. */
  readonly jobs: number | undefined;
  /** False where a person asked for one stage: it runs, whatever it found before. */
  readonly reuse: boolean;
}

/** What the stages of one run share. */
interface Bench extends StageContext, keys.KeyContext {
  readonly packaging: () => Promise<PackageContext>;
  readonly packShared: () => Promise<readonly PackageFile[]>;
  readonly peer: () => Promise<string>;
  /** Aborted when nobody waits for the peer any more. */
  readonly closing: AbortController;
}

export function realStages(context: StageContext): Stages {
  const bench = benchOf(context);
  return {
    inspect: (artifact) => inspected(artifact, bench),
    verify: (artifact) => verified(artifact, bench),
    package: (artifact) => packaged(artifact, bench),
    packageShared: bench.packShared,
    packageTogether: (artifacts, toolchainOf) => packagedTogether(artifacts, toolchainOf, bench),
    startSmoke: () => void bench.peer().catch(() => undefined),
    smoke: (artifact, packages, toolchain, onLine) => smoked(artifact, packages, toolchain, onLine, bench),
    report: (run) => reported(run, bench),
    close: () => {
      bench.closing.abort();
      return bench.digests.save();
    },
  };
}

function benchOf(context: StageContext): Bench {
  const { project, folders, process, signal, jobs } = context;
  const digests = new FileDigests(join(folders.work, "digests.json"));
  const closing = new AbortController();
  const epoch = once(() => sourceDateEpoch(project, process));
  const bench: Bench = {
    ...context,
    digests,
    closing,
    sourceDateEpoch: epoch,
    smokeSources: once(() => keys.smokeSources({ project, digests })),
    packaging: once(async () => {
      const { readAbiIdentity } = await import("../package/abi-identity.ts");
      const abi = await readAbiIdentity(project);
      return {
        project,
        process,
        packagesDirectory: folders.packages,
        sourceDateEpoch: await epoch(),
        abi,
        signal,
      };
    }),
    packShared: once(() => sharedPackages(bench)),
    peer: once(async () => {
      const { buildPeer } = await import("../smoke/peer.ts");
      return buildPeer(project, process, {
        signal: AbortSignal.any([signal, closing.signal]),
        targetDirectory: join(folders.work, "peer"),
        ...(jobs === undefined ? {} : { jobs }),
      });
    }),
  };
  return bench;
}

/** What several targets need is made for the first that asks. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** A verdict lies beside the artifact it is about. */
function verdictFile(directory: string, stage: string): string {
  return join(directory, ".verdicts", `${stage}.json`);
}

async function inspected(artifact: Artifact, bench: Bench): Promise<Outcome<readonly LibrarySummary[]>> {
  const file = join(artifact.directory, "facts.json");
  return decided({
    file: verdictFile(artifact.directory, "inspect"),
    digests: bench.digests,
    reuse: bench.reuse,
    key: () => keys.inspectKey(artifact, bench),
    run: async () => {
      const facts = await factsOf(artifact);
      const { factsAsJson } = await import("../inspect/print.ts");
      const { summarizeLibrary } = await import("../report/library-summary.ts");
      await writeWholeFile(file, withPlaceNames(`${factsAsJson(facts)}\n`, placeNames(bench.folders)));
      return facts.map(summarizeLibrary);
    },
    outputs: () => [file],
    isFinal: () => true,
  });
}

/** From the files, not from facts.json: what is judged is what lies there. */
async function factsOf({ libraries }: Artifact): Promise<readonly ArtifactFacts[]> {
  const { inspectArtifact } = await import("../inspect/inspect.ts");
  return Promise.all(libraries.map(({ path }) => inspectArtifact(path)));
}

async function verified(artifact: Artifact, bench: Bench): Promise<Outcome<Judgement>> {
  const file = join(artifact.directory, "findings.json");
  return decided<Judgement>({
    file: verdictFile(artifact.directory, "verify"),
    digests: bench.digests,
    reuse: bench.reuse,
    key: () => keys.verifyKey(artifact, bench),
    run: async () => {
      const { verifyArtifact } = await import("../verify/verify.ts");
      const findings = await verifyArtifact(
        artifact,
        await factsOf(artifact),
        await verifyContext(artifact, bench),
      );
      const { gates } = await import("../verify/gates.ts");
      const placed = withPlaceNames(findings, placeNames(bench.folders));
      await writeWholeFile(file, `${JSON.stringify(placed, null, 2)}\n`);
      return { findings, gates: gates.map(({ id, severity, title }) => ({ id, severity, title })) };
    },
    outputs: () => [file],
    isFinal: () => true,
  });
}

async function verifyContext({ target }: Artifact, { project, folders }: Bench): Promise<VerifyContext> {
  return {
    functions: webFunctions(project, target) ?? (await headerNames(project)),
    buildPaths: [project.root, folders.cache, homedir()],
  };
}

/** Functions and variables of the header. */
async function headerNames(project: Project): Promise<readonly string[]> {
  const model = JSON.parse(await readFile(join(project.root, project.generated.abiModel), "utf8")) as {
    functions: readonly { name: string }[];
    variables?: readonly { name: string }[];
  };
  return [...model.functions, ...(model.variables ?? [])].map(({ name }) => name);
}

async function packaged(artifact: Artifact, bench: Bench): Promise<Outcome<readonly PackageFile[]>> {
  return decided<readonly PackageFile[]>({
    file: verdictFile(artifact.directory, "package"),
    digests: bench.digests,
    reuse: bench.reuse,
    key: () => keys.packageKey(artifact, bench),
    run: async () => {
      const { packageTarget } = await import("../package/package-target.ts");
      return packageTarget(artifact, await bench.packaging());
    },
    outputs: (packages) => packages.map(({ path }) => path),
    isFinal: () => true,
  });
}

/** A project without an npm package has nothing that serves every target. */
async function sharedPackages(bench: Bench): Promise<readonly PackageFile[]> {
  const { project, folders, table } = bench;
  if (!existsSync(join(project.root, project.node.directory, "package.json"))) return [];
  const { result } = await decided<readonly PackageFile[]>({
    file: verdictFile(folders.packages, "shared"),
    digests: bench.digests,
    reuse: bench.reuse,
    key: () => keys.sharedPackageKey(table, bench),
    run: async () => {
      const { packageNpm } = await import("../package/package-npm.ts");
      return [await packageNpm(table, await bench.packaging())];
    },
    outputs: (packages) => packages.map(({ path }) => path),
    isFinal: () => true,
  });
  return result;
}

async function packagedTogether(
  artifacts: readonly Artifact[],
  toolchainOf: (artifact: Artifact) => ToolchainPlan | undefined,
  bench: Bench,
): Promise<PackedTogether> {
  const { project, folders, table } = bench;
  const parts = artifacts.filter(({ target }) => target.format === "macho" && target.slices === undefined);
  if (project.xcframework === undefined || parts.length === 0) return { packages: [], links: [] };
  const { result } = await decided<PackedTogether>({
    file: verdictFile(folders.packages, "together"),
    digests: bench.digests,
    reuse: bench.reuse,
    key: () => keys.togetherKey(parts, bench),
    run: async () => {
      const { packageXcframework } = await import("../package/package-xcframework.ts");
      const packages = await packageXcframework(parts, table, await bench.packaging());
      return { packages, links: await linkedTogether(packages, parts, toolchainOf, bench) };
    },
    outputs: ({ packages }) => packages.map(({ path }) => path),
    isFinal: ({ links }) => links.every(({ ok }) => ok),
  });
  return result;
}

async function linkedTogether(
  packages: readonly PackageFile[],
  artifacts: readonly Artifact[],
  toolchainOf: (artifact: Artifact) => ToolchainPlan | undefined,
  { project, process, folders, table, signal }: Bench,
): Promise<readonly LinkTest[]> {
  const framework = packages.find(({ kind }) => kind === "xcframework");
  if (framework === undefined) return [];
  const { linkXcframework } = await import("../smoke/link-xcframework.ts");
  const parts = artifacts.flatMap((artifact) => {
    const toolchain = toolchainOf(artifact);
    const tools = toolchain && stubLinker(toolchain, folders);
    const { nativeStaticLibraries } = artifact.provenance;
    return tools === undefined ? [] : [[artifact.target.triple, { tools, nativeStaticLibraries }] as const];
  });
  const places = placeNames(folders);
  return linkXcframework({ project, process, framework, table, parts: new Map(parts), places, signal });
}

async function smoked(
  artifact: Artifact,
  packages: readonly PackageFile[],
  toolchain: ToolchainPlan,
  onLine: (line: string) => void,
  bench: Bench,
): Promise<Outcome<Verification>> {
  const questions = askedHost();
  return decided<Verification>({
    file: verdictFile(artifact.directory, "smoke"),
    digests: bench.digests,
    reuse: bench.reuse,
    key: () => keys.smokeKey(artifact, packages, toolchain, bench),
    run: async () => {
      const { smokeTarget } = await import("../smoke/smoke-target.ts");
      const request = smokeRequest(artifact, packages, toolchain, bench);
      return smokeTarget({ ...request, host: questions.host, peerProgram: await bench.peer(), onLine });
    },
    outputs: () => [join(artifact.directory, "verification.json")],
    // What failed may have had a passing reason, and what was not to be had may be there next time.
    isFinal: (verification) =>
      failuresOf(verification).length === 0 &&
      !verification.skipped.some(({ transient }) => transient === true),
    questions,
  });
}

/** Nothing new leaves the last report as it is, with the times at which things really ran. */
async function reported(run: RunReport, bench: Bench): Promise<string> {
  const { folders, digests } = bench;
  const packages = [...run.targets.flatMap((target) => target.packages), ...run.packages];
  const { result } = await decided<readonly string[]>({
    file: verdictFile(folders.report, "report"),
    digests,
    reuse: bench.reuse,
    key: () => Promise.resolve(keys.reportKey(run)),
    run: async () => {
      const { writeReport } = await import("../report/write-report.ts");
      const placed = withPlaceNames(run, placeNames(folders));
      const { html, json, markdown } = await writeReport(placed, folders.report);
      if (packages.length === 0) return [html, json, markdown];
      const { writeChecksums } = await import("../package/checksums.ts");
      await writeChecksums(packages, folders.packages);
      return [html, json, markdown, join(folders.packages, "SHA256SUMS")];
    },
    outputs: (files) => files,
    isFinal: () => true,
  });
  return result[0] ?? folders.report;
}
