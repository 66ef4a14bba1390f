// Takes one target through all stages and keeps the record of each step.
import type { Artifact } from "../build/artifact.ts";
import { ToolError } from "../shared/errors.ts";
import { systemError } from "../shared/likely-cause.ts";
import type { ProgressSink, Step } from "../shared/progress.ts";
import type { StepReport, TargetFailure, TargetReport } from "../report/run-report.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Finding } from "../verify/finding.ts";
import { failuresOf, type Verification } from "../smoke/verification.ts";
import type { PackageFile } from "../package/package.ts";
import type { Durations } from "./durations.ts";
import type { Stages } from "./stages.ts";

export interface TargetRunContext {
  readonly stages: Stages;
  readonly progress: ProgressSink;
  /** The last stage to run. */
  readonly until: Step;
  /** What each step took the last time. */
  readonly durations: Durations;
  /** Finds out what a failure usually comes from. */
  readonly explain: (failure: TargetFailure, triple: string) => Promise<TargetFailure>;
  /** Prepares the toolchain and builds; `onStep` tells which of the two it is at. */
  readonly build: (toolchain: ToolchainPlan, step: StepRunner) => Promise<Artifact>;
  /** Lets the next target start: a smoke run waits for the network, emulators and peers more than it computes. */
  readonly moveOn: () => Promise<void>;
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
  const { triple } = toolchain.target;
  const step = stepRunner(triple, steps, context);
  try {
    await runStages(toolchain, report, step, context);
  } catch (error) {
    if (error instanceof ToolError && error.family === "interrupted") throw error;
    if (error instanceof ToolError && error.family === "environment" && report.artifact === undefined) {
      // It turned out only on the way that this machine lacks something: the same as if the plan had known.
      Object.assign(report, { planned: false, reason: error.message, remedy: error.remedy });
    } else report.failure = await context.explain(failureOf(error), triple);
  }
  report.seconds = secondsSince(started);
  context.progress.emit({
    type: "target-finished",
    ...{ triple, ok: report.planned && !hasFailed(report), seconds: report.seconds },
  });
  return report;
}

async function runStages(
  toolchain: ToolchainPlan,
  report: Draft,
  step: StepRunner,
  { stages, build, until, moveOn }: TargetRunContext,
): Promise<void> {
  const artifact = await build(toolchain, step);
  report.artifact = artifact;
  if (until === "build") return;
  const inspected = await step(
    "inspect",
    () => stages.inspect(artifact),
    ({ result }) => `${result.length} files read`,
  );
  report.libraries = inspected.result;
  if (until === "inspect") return;
  const verified = await step(
    "verify",
    () => stages.verify(artifact),
    ({ result }) => describeFindings(result.findings),
    ({ result }) => isClean(result.findings),
  );
  report.findings = verified.result.findings;
  report.gates = verified.result.gates;
  // What has a finding is not packed, so that nobody takes it for a result.
  if (until === "verify" || !isClean(report.findings)) return;
  const packed = await step(
    "package",
    () => stages.package(artifact),
    ({ result }) => describePackages(result),
  );
  report.packages = packed.result;
  if (until === "package") return;
  const packages = [...packed.result, ...(await stages.packageShared())];
  await moveOn();
  const smoked = await step(
    "smoke",
    (onLine) => stages.smoke(artifact, packages, toolchain, onLine),
    ({ result }) => describeVerification(result),
    ({ result }) => passed(result),
  );
  report.verification = smoked.result;
}

function isClean(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity !== "error");
}

function stepRunner(
  triple: string,
  steps: StepReport[],
  { progress, durations }: Pick<TargetRunContext, "progress" | "durations">,
): StepRunner {
  return async (step, action, describe, isOk = () => true) => {
    const started = performance.now();
    const expectedSeconds = durations.expected(triple, step);
    const finish = (ok: boolean, detail: string, found?: Found): void => {
      const reused = found?.reused === true;
      const seconds = reused ? rounded(found.seconds ?? expectedSeconds ?? 0) : secondsSince(started);
      if (ok && !reused) durations.record(triple, step, seconds);
      steps.push({ step, ok, seconds, reused, detail });
      progress.emit({ type: "step-finished", triple, step, ok, seconds, reused, detail });
    };
    progress.emit({
      type: "step-started",
      ...{ triple, step },
      ...(expectedSeconds === undefined ? {} : { expectedSeconds }),
    });
    try {
      const result = await action((line) => progress.emit({ type: "step-line", triple, step, line }));
      finish(isOk(result), describe(result), foundIn(result));
      return result;
    } catch (error) {
      finish(false, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      throw error;
    }
  };
}

/** What results say that were found, not made. */
interface Found {
  readonly reused: boolean;
  readonly seconds?: number;
}

function foundIn(result: unknown): Found | undefined {
  const isFound = typeof result === "object" && result !== null && "reused" in result;
  return isFound ? (result as Found) : undefined;
}

function describeFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return "no finding";
  const names = [...new Set(findings.map(({ gate }) => gate))];
  return `${findings.length} findings: ${names.join(", ")}`;
}

function describePackages(packages: readonly PackageFile[]): string {
  return packages.map(({ fileName }) => fileName).join(", ");
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

function failureOf(error: unknown): TargetFailure {
  const known = error instanceof ToolError ? error : systemError(error);
  if (known !== undefined) return { code: known.code, message: known.message, remedy: known.remedy };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "defect", message, remedy: "report this as a defect of the tools" };
}

/** Whether anything keeps the target from being called good. */
export function hasFailed(target: TargetReport): boolean {
  if (!target.planned) return false;
  const ranBadly = target.verification !== undefined && !passed(target.verification);
  return target.failure !== undefined || !isClean(target.findings) || ranBadly;
}

function secondsSince(started: number): number {
  return rounded((performance.now() - started) / 1000);
}

/** To tenths: more would suggest a precision that no build has. */
function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
