// One run of the matrix: plan, host first, then the others side by side, then table and report.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { lockCheckout } from "../build/checkout-lock.ts";
import { sourceDigest } from "../build/content-key.ts";
import { planBuild, type BuildPlan, type BuildSettings } from "../build/plan.ts";
import { runBuild } from "../build/run.ts";
import type { Folders } from "../matrix/folders.ts";
import { ToolError, type ExitCode } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";
import type { Project } from "../shared/project.ts";
import type { RunReport, TargetReport } from "../report/run-report.ts";
import { Preparation } from "../toolchain/prepare.ts";
import type { HostFacts, RustFacts, ToolchainPlan } from "../toolchain/toolchain.ts";
import type { MatrixPlan, PlanRow } from "./matrix-plan.ts";
import type { MatrixOptions } from "./options.ts";
import type { Stages } from "./stages.ts";
import { exitCodeOf, hasFailed } from "./summary.ts";
import { runTarget, type StepRunner } from "./target-run.ts";
import { planJobs, type JobBudget } from "./job-budget.ts";
import { machineLimits } from "./machine-limits.ts";
import { runPool } from "./worker-pool.ts";

export interface MatrixContext {
  readonly project: Project;
  readonly folders: Folders;
  readonly facts: HostFacts;
  readonly options: MatrixOptions;
  readonly process: Process;
  readonly progress: ProgressSink;
  readonly stages: Stages;
  readonly signal: AbortSignal;
}

export interface MatrixOutcome {
  readonly run: RunReport;
  readonly exitCode: ExitCode;
  /** Path of the report's first page. */
  readonly reportPage: string;
}

export async function runMatrix(plan: MatrixPlan, context: MatrixContext): Promise<MatrixOutcome> {
  const startedAt = new Date();
  const lock = lockCheckout(join(context.folders.work, "lock"));
  try {
    const gitCommit = await currentCommit(context);
    const targets = await runTargets(plan, context, gitCommit);
    const run: RunReport = {
      project: { name: context.project.name, version: context.project.version },
      gitCommit,
      startedAt: startedAt.toISOString(),
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      host: plan.host,
      tools: toolVersions(context.facts),
      targets,
      packages: targets.some(({ packages }) => packages.length > 0)
        ? await context.stages.packageShared()
        : [],
    };
    const reportPage = await context.stages.report(run);
    return { run, exitCode: exitCodeOf(targets, { ...context.options, ...plan }), reportPage };
  } finally {
    lock.release();
  }
}

/** Reports in the order of the plan, whatever the order in which the targets ended. */
async function runTargets(
  plan: MatrixPlan,
  context: MatrixContext,
  gitCommit: string,
): Promise<TargetReport[]> {
  const { rust } = context.facts;
  const reports = new Map<string, TargetReport>(plan.rows.map((row) => [row.target.triple, unstarted(row)]));
  const buildable = plan.rows.filter((row) => row.toolchain !== undefined);
  if (buildable.length === 0 || rust === undefined) return [...reports.values()];
  const facts = { ...context.facts, rust };
  const preparation = new Preparation(facts, { ...context, root: context.project.root });
  const inputs = await gatherInputs(context, gitCommit);
  const runRow = (jobs: number) => async (row: PlanRow) => {
    if (row.toolchain === undefined) return;
    const build = (toolchain: ToolchainPlan, step: StepRunner) =>
      buildTarget(toolchain, step, { ...context, facts, preparation, inputs, jobs });
    reports.set(row.target.triple, await runTarget(row.toolchain, row.text, { ...context, build }));
  };
  const stop = (): boolean =>
    context.signal.aborted || (!context.options.keepGoing && [...reports.values()].some(hasFailed));
  const [host, others] = [buildable.filter(isHost(plan)), buildable.filter((row) => !isHost(plan)(row))];
  await runPool(host, 1, runRow(budgetFor(1, context).jobs), stop);
  const budget = budgetFor(others.length, context);
  if (others.length > 0) context.progress.emit({ type: "note", text: budget.reason });
  await runPool(others, budget.parallel, runRow(budget.jobsEach), stop);
  if (context.signal.aborted) throw interrupted();
  return [...reports.values()];
}

function budgetFor(targets: number, { options }: MatrixContext): JobBudget {
  return planJobs(targets, machineLimits(), options);
}

function isHost({ host }: MatrixPlan): (row: PlanRow) => boolean {
  return ({ target }) => target.triple === host;
}

/** What stands in the report until the target has run. */
function unstarted(row: PlanRow): TargetReport {
  const empty = { target: row.target, seconds: 0, steps: [], findings: [], packages: [] };
  if (row.toolchain === undefined) return { ...empty, planned: false, reason: row.text, remedy: row.remedy };
  return {
    ...empty,
    planned: true,
    reason: "not started: another target failed before (--keep-going goes on)",
  };
}

interface BuildInputs {
  readonly sources: string;
  readonly gitCommit: string;
  readonly cargoSources: readonly string[];
  readonly nodeApiHeaders: string | undefined;
}

interface TargetBuildContext extends MatrixContext {
  readonly facts: HostFacts & { readonly rust: RustFacts };
  readonly preparation: Preparation;
  readonly inputs: BuildInputs;
  readonly jobs: number;
}

async function buildTarget(toolchain: ToolchainPlan, step: StepRunner, context: TargetBuildContext) {
  const { project, folders, facts, preparation, inputs, jobs, options, signal } = context;
  const std = await step(
    "prepare",
    () => preparation.prepare(toolchain),
    (provider) => `std ${provider}`,
  );
  const settings = buildSettings(options, inputs, jobs);
  const plan = planBuild(project, toolchain, std, facts, folders, settings);
  const build = (onLine: (line: string) => void) =>
    runBuild(plan, toolchain, {
      process: context.process,
      facts,
      settings,
      sources: inputs.sources,
      onLine,
      signal,
    });
  const result = await step("build", build, ({ artifact, reused }) =>
    reused ? "up to date" : fileNames(artifact.libraries),
  );
  return result.artifact;
}

function fileNames(libraries: readonly { readonly fileName: string }[]): string {
  return libraries.map(({ fileName }) => fileName).join(", ");
}

function buildSettings(
  options: MatrixOptions,
  inputs: Omit<BuildInputs, "sources">,
  jobs: number,
): BuildSettings {
  const { gitCommit, cargoSources, nodeApiHeaders } = inputs;
  return {
    profile: options.profile,
    jobs,
    offline: options.offline,
    gitCommit,
    cargoSources,
    nodeApiHeaders,
  };
}

/** The build plans of --dry-run: what would run, with the first choice of std for each target. */
export async function dryPlans(plan: MatrixPlan, context: MatrixContext): Promise<BuildPlan[]> {
  const { rust } = context.facts;
  if (rust === undefined) return [];
  const facts = { ...context.facts, rust };
  const inputs = {
    gitCommit: await currentCommit(context),
    cargoSources: await cargoSources(),
    nodeApiHeaders: nodeApiHeaders(context.project),
  };
  const settings = buildSettings(context.options, inputs, budgetFor(plan.rows.length, context).jobsEach);
  return plan.rows.flatMap(({ toolchain }) =>
    toolchain === undefined
      ? []
      : [
          planBuild(
            context.project,
            toolchain,
            toolchain.std[0] ?? "installed",
            facts,
            context.folders,
            settings,
          ),
        ],
  );
}

async function gatherInputs(context: MatrixContext, gitCommit: string): Promise<BuildInputs> {
  await fetchCrates(context);
  return {
    sources: await sourceDigest(context.project, context.folders, context.process),
    gitCommit,
    cargoSources: await cargoSources(),
    nodeApiHeaders: nodeApiHeaders(context.project),
  };
}

/** All crates of the lock file at once: builds side by side then never wait for each other's downloads. */
async function fetchCrates({ project, options, process, signal, folders }: MatrixContext): Promise<void> {
  const manifest = join(project.root, project.crate.manifest);
  const flags = ["--locked", ...(options.offline ? ["--offline"] : []), "--manifest-path", manifest];
  const exit = await process.run(
    { program: "cargo", args: ["fetch", ...flags], cwd: project.root },
    { signal },
  );
  if (exit.code === 0) return;
  throw new ToolError({
    code: "crates-not-fetched",
    family: options.offline ? "environment" : "finding",
    message: `cargo fetch --locked failed:\n${exit.stderr.trim()}`,
    remedy: options.offline
      ? "run once without --offline"
      : `cargo update --workspace in ${folders.root} if a manifest has changed`,
  });
}

/** cargo's home and the folder of each registry in it. */
async function cargoSources(): Promise<string[]> {
  const home = globalThis.process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  const sources = join(home, "registry", "src");
  const registries = await readdir(sources).catch(() => [] as string[]);
  return [home, ...registries.sort().map((name) => join(sources, name))];
}

/** Headers of Node's C interface; undefined where the project has no addon. */
function nodeApiHeaders(project: Project): string | undefined {
  if (!existsSync(join(project.root, project.generated.nodeAddon))) return undefined;
  return dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json"));
}

async function currentCommit({ project, process }: MatrixContext): Promise<string> {
  const exit = await process.run({ program: "git", args: ["-C", project.root, "rev-parse", "HEAD"] });
  return exit.code === 0 ? exit.stdout.trim() : "unknown";
}

function toolVersions({ rust, zig }: HostFacts): RunReport["tools"] {
  return [
    { name: "rustc", version: rust?.version ?? "none", from: rust?.hasRustup === true ? "rustup" : "PATH" },
    { name: "zig", version: zig.version, from: "PyPI wheel of a pinned hash" },
    { name: "node", version: globalThis.process.version, from: "PATH" },
  ];
}

function interrupted(): ToolError {
  return new ToolError({
    code: "interrupted",
    family: "interrupted",
    message: "interrupted",
    remedy: "run the same command again; finished targets are not built twice",
  });
}
