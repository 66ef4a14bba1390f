// One run of the matrix: plan, host first, then the others side by side, then table and report.
import { join } from "node:path";
import { lockCheckout } from "../build/checkout-lock.ts";
import { gatherInputs, type BuildInputs } from "../build/inputs.ts";
import { planBuild, type BuildPlan } from "../build/plan.ts";
import { TargetBuilder } from "../build/target-builder.ts";
import type { Folders } from "../matrix/folders.ts";
import { exitCodes, ToolError, worstExitCode, type ExitCode } from "../shared/errors.ts";
import { FileDigests } from "../shared/file-digest.ts";
import type { Process } from "../shared/process.ts";
import type { ProgressEvent, ProgressSink, Step } from "../shared/progress.ts";
import type { Project } from "../shared/project.ts";
import type { PreviousRelease } from "../report/previous-release.ts";
import type { RunReport, TargetFailure, TargetReport } from "../report/run-report.ts";
import { Preparation } from "../toolchain/prepare.ts";
import type { HostFacts, ToolchainPlan } from "../toolchain/toolchain.ts";
import type { MatrixPlan, PlanRow } from "./matrix-plan.ts";
import type { MatrixOptions } from "./options.ts";
import type { PackedTogether, Stages } from "./stages.ts";
import { exitCodeOf } from "./summary.ts";
import { hasFailed, runTarget, type StepRunner } from "./target-run.ts";
import { storedDurations } from "./durations.ts";
import { explainFailure } from "./explain-failure.ts";
import { jobsOf, planJobs, type JobBudget } from "./job-budget.ts";
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
    const { project, folders, process, options } = context;
    const previous = await previousRelease(options.previous);
    const inputs = await gatherInputs(project, folders, process);
    const targets = await runTargets(plan, context, inputs);
    const run: RunReport = {
      project: { name: context.project.name, version: context.project.version },
      gitCommit: inputs.gitCommit,
      startedAt: startedAt.toISOString(),
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      host: plan.host,
      tools: toolVersions(context.facts),
      targets,
      ...(await runPackages(targets, plan, context)),
      ...(previous === undefined ? {} : { previous }),
    };
    const reportPage = await context.stages.report(run);
    const ofLinks = run.links.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.finding;
    const ofTargets = exitCodeOf(targets, { ...context.options, ...plan });
    return { run, exitCode: worstExitCode([ofTargets, ofLinks]), reportPage };
  } finally {
    await context.stages.close().catch(() => undefined);
    lock.release();
  }
}

/** Read first: a wrong path is told before hours of building. */
async function previousRelease(path: string | undefined): Promise<PreviousRelease | undefined> {
  if (path === undefined) return undefined;
  const { readPreviousRelease } = await import("../report/previous-release.ts");
  return readPreviousRelease(path);
}

/** What belongs to no target alone; only what was packed itself goes into it. */
async function runPackages(
  targets: readonly TargetReport[],
  { rows }: MatrixPlan,
  { stages }: MatrixContext,
): Promise<PackedTogether> {
  const packed = targets.filter(({ packages }) => packages.length > 0);
  if (packed.length === 0) return { packages: [], links: [] };
  const artifacts = packed.flatMap(({ artifact }) => artifact ?? []);
  const shared = await stages.packageShared();
  const { packages, links } = await stages.packageTogether(
    artifacts,
    ({ target }) => rows.find((row) => row.target.triple === target.triple)?.toolchain,
  );
  return { packages: [...shared, ...packages], links };
}

/** Reports in the order of the plan, whatever the order in which the targets ended. */
async function runTargets(
  plan: MatrixPlan,
  context: MatrixContext,
  inputs: BuildInputs,
): Promise<TargetReport[]> {
  const { rust } = context.facts;
  const { options, folders, progress } = context;
  const reports = new Map<string, TargetReport>(plan.rows.map((row) => [row.target.triple, unstarted(row)]));
  const buildable = plan.rows.filter((row) => row.toolchain !== undefined);
  if (buildable.length === 0 || rust === undefined) return [...reports.values()];
  const facts = { ...context.facts, rust };
  const preparation = new Preparation(facts, { ...context, root: context.project.root });
  const { profile, offline } = options;
  const digests = new FileDigests(join(folders.work, "built.json"));
  const durations = storedDurations(join(folders.cache, "durations.json"), options.profile);
  const explain = (failure: TargetFailure, triple: string) => explainFailure(failure, triple, folders);
  const rowContext = { ...context, until: options.until, durations, explain };
  const order = startOrder(buildable, plan);
  const stop = (): boolean =>
    context.signal.aborted || (!context.options.keepGoing && [...reports.values()].some(hasFailed));
  const toolchains = order.flatMap(({ toolchain }) => toolchain ?? []);
  const budget = planJobs(buildable.length, machineLimits(), options);
  const builder = new TargetBuilder({
    ...{ ...context, facts, preparation, inputs, digests, profile, offline, toolchains },
    isOver: stop,
    // Compiles while the targets' compilers are on their way, where more than one process may be at work.
    onCrates: () => (options.until === "smoke" && budget.jobs > 1 ? context.stages.startSmoke() : undefined),
  });
  const runRow = async (row: PlanRow, moveOn: () => Promise<void>) => {
    if (row.toolchain === undefined) return;
    const jobs = jobsOf(budget, order.length - 1 - order.indexOf(row));
    const build = (toolchain: ToolchainPlan, step: StepRunner) => builder.build(toolchain, jobs, step);
    const target = await runTarget(row.toolchain, row.text, { ...rowContext, build, moveOn });
    reports.set(row.target.triple, target);
  };
  const triples = buildable.map(({ target }) => target.triple);
  progress.emit({ type: "note", text: budget.reason });
  progress.emit(
    runStarted(triples, budget, durations.expectedRun(triples, stepsUntil(options.until), budget.parallel)),
  );
  await runPool(order, budget.parallel, runRow, stop);
  durations.save();
  await digests.save();
  if (context.signal.aborted) throw interrupted();
  return [...reports.values()];
}

const steps: readonly Step[] = ["prepare", "build", "inspect", "verify", "package", "smoke"];

function stepsUntil(last: Step): readonly Step[] {
  return steps.slice(0, steps.indexOf(last) + 1);
}

function runStarted(
  triples: readonly string[],
  { jobs, parallel }: JobBudget,
  expectedSeconds: number | undefined,
): ProgressEvent {
  const expected = expectedSeconds === undefined ? {} : { expectedSeconds };
  return { type: "run-started", triples, jobs, parallel, ...expected };
}

/**
 * The first result that a person sees is the one that can be tried at once. What is made of other targets comes last: it
 * would hold a place among the builds and only wait for them.
 */
function startOrder(rows: readonly PlanRow[], { host }: MatrixPlan): PlanRow[] {
  const place = ({ target, toolchain }: PlanRow): number => {
    if (target.triple === host) return 0;
    return toolchain?.slices === undefined ? 1 : 2;
  };
  return rows.toSorted((one, other) => place(one) - place(other));
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

/** The build plans of --dry-run: what would run, with the first choice of std for each target. */
export async function dryPlans(plan: MatrixPlan, context: MatrixContext): Promise<BuildPlan[]> {
  const { rust } = context.facts;
  if (rust === undefined) return [];
  const facts = { ...context.facts, rust };
  const { project, folders, process, options } = context;
  const { gitCommit, cargoSources, nodeApiHeaders } = await gatherInputs(project, folders, process);
  const { jobsEach: jobs } = planJobs(plan.rows.length, machineLimits(), options);
  const { profile, offline } = options;
  const settings = { profile, offline, jobs, gitCommit, cargoSources, nodeApiHeaders };
  // What is made of other targets runs no command of its own.
  const toolchains = plan.rows.flatMap(({ toolchain }) => toolchain?.slices ?? toolchain ?? []);
  const once = new Map(toolchains.map((toolchain) => [toolchain.target.triple, toolchain]));
  return [...once.values()].map((toolchain) =>
    planBuild(project, toolchain, toolchain.std[0] ?? "installed", facts, folders, settings),
  );
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
