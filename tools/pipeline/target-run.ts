// Takes one target through all stages and keeps the record of each step.
import type { Artifact } from "../build/artifact.ts";
import { ToolError } from "../shared/errors.ts";
import type { ProgressSink, Step } from "../shared/progress.ts";
import type { StepReport, TargetReport } from "../report/run-report.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Finding } from "../verify/finding.ts";
import { failuresOf, type Verification } from "../smoke/verification.ts";
import type { PackageFile } from "../package/package.ts";
import type { Stages } from "./stages.ts";

export interface TargetRunContext {
  readonly stages: Stages;
  readonly progress: ProgressSink;
  /** Prepares the toolchain and builds; `onStep` tells which of the two it is at. */
  readonly build: (toolchain: ToolchainPlan, step: StepRunner) => Promise<Artifact>;
}

/** Runs one step: times it, reports it, records it. `describe` says what came of it. */
export type StepRunner = <T>(
  step: Step,
  action: (onLine: (line: string) => void) => Promise<T>,
  describe: (result: T) => string,
  isOk?: (result: T) => boolean,
) => Promise<T>;

type Draft = { -readonly [K in keyof TargetReport]: TargetReport[K] };

export async function runTarget(
  toolchain: ToolchainPlan,
  reason: string,
  context: TargetRunContext,
): Promise<TargetReport> {
  const started = performance.now();
  const steps: StepReport[] = [];
  const report: Draft = {
    target: toolchain.target,
    planned: true,
    reason,
    seconds: 0,
    steps,
    findings: [],
    packages: [],
  };
  const step = stepRunner(toolchain.target.triple, steps, context.progress);
  try {
    await runStages(toolchain, report, step, context);
  } catch (error) {
    if (error instanceof ToolError && error.family === "interrupted") throw error;
    if (error instanceof ToolError && error.family === "environment" && report.artifact === undefined) {
      // It turned out only on the way that this machine lacks something: the same as if the plan had known.
      Object.assign(report, { planned: false, reason: error.message, remedy: error.remedy });
    } else report.failure = failureOf(error);
  }
  report.seconds = secondsSince(started);
  return report;
}

async function runStages(
  toolchain: ToolchainPlan,
  report: Draft,
  step: StepRunner,
  { stages, build }: TargetRunContext,
): Promise<void> {
  const artifact = await build(toolchain, step);
  report.artifact = artifact;
  const facts = await step(
    "inspect",
    () => stages.inspect(artifact),
    (read) => `${read.length} files read`,
  );
  const isClean = (findings: readonly Finding[]): boolean =>
    findings.every(({ severity }) => severity !== "error");
  report.findings = await step("verify", () => stages.verify(artifact, facts), describeFindings, isClean);
  // What has a finding is not packed, so that nobody takes it for a result.
  if (!isClean(report.findings)) return;
  const { own, shared } = await step("package", () => packageAll(artifact, stages), describePackages);
  report.packages = own;
  report.verification = await step(
    "smoke",
    (onLine) => stages.smoke(artifact, [...own, ...shared], toolchain, onLine),
    describeVerification,
    passed,
  );
}

function stepRunner(triple: string, steps: StepReport[], progress: ProgressSink): StepRunner {
  return async (step, action, describe, isOk = () => true) => {
    const started = performance.now();
    const finish = (ok: boolean, detail: string): void => {
      const seconds = secondsSince(started);
      steps.push({ step, ok, seconds, detail });
      progress.emit({ type: "step-finished", triple, step, ok, seconds, detail });
    };
    progress.emit({ type: "step-started", triple, step });
    try {
      const result = await action((line) => progress.emit({ type: "step-line", triple, step, line }));
      finish(isOk(result), describe(result));
      return result;
    } catch (error) {
      finish(false, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      throw error;
    }
  };
}

function describeFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return "no finding";
  const names = [...new Set(findings.map(({ gate }) => gate))];
  return `${findings.length} findings: ${names.join(", ")}`;
}

interface Packages {
  readonly own: readonly PackageFile[];
  readonly shared: readonly PackageFile[];
}

async function packageAll(artifact: Artifact, stages: Stages): Promise<Packages> {
  return { own: await stages.package(artifact), shared: await stages.packageShared() };
}

function describePackages({ own }: Packages): string {
  return own.map(({ fileName }) => fileName).join(", ");
}

function describeVerification({ claim, runs, skipped }: Verification): string {
  const ran = runs.map((run) => `${run.client} ${run.claim}${run.ok ? "" : " FAILED"}`);
  const missed = skipped.map(({ client, reason }) => `${client} skipped: ${reason}`);
  return [claim, ...ran, ...missed].join("; ");
}

/** Every run and every link of the unpacked package went well. */
export function passed(verification: Verification): boolean {
  return failuresOf(verification).length === 0;
}

function failureOf(error: unknown): NonNullable<TargetReport["failure"]> {
  if (error instanceof ToolError) return { code: error.code, message: error.message, remedy: error.remedy };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "defect", message, remedy: "report this as a defect of the tools" };
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 100) / 10;
}
