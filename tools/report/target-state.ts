// What came of each stage of a target, in the words and marks that every form of the report uses.
import type { Step } from "../shared/progress.ts";
import { failuresOf } from "../smoke/verification.ts";
import type { RunReport, TargetReport } from "./run-report.ts";

export type Mark = "ok" | "failed" | "open";

/** Fetching a toolchain is no result of its own. */
export const stages: readonly Step[] = ["build", "inspect", "verify", "package", "smoke"];

/** open: the stage was not reached, or the target cannot be built here. */
export function markOf(report: TargetReport, step: Step): Mark {
  const found = report.steps.find((item) => item.step === step);
  if (found === undefined) return "open";
  return found.ok ? "ok" : "failed";
}

export function markOfTarget(report: TargetReport): Mark {
  if (!report.planned) return "open";
  const hasError = report.findings.some(({ severity }) => severity === "error");
  const ranBadly = report.verification !== undefined && failuresOf(report.verification).length > 0;
  const stopped = report.failure !== undefined || report.steps.some(({ ok }) => !ok);
  return hasError || ranBadly || stopped ? "failed" : "ok";
}

/** How the packaged libraries were proven. */
export function claimOf(report: TargetReport): string {
  return report.verification?.claim ?? "";
}

export interface Counts {
  readonly ok: number;
  readonly failed: number;
  readonly open: number;
  readonly executed: number;
  readonly emulated: number;
  readonly structural: number;
}

export function countsOf({ targets }: RunReport): Counts {
  const marks = targets.map(markOfTarget);
  const claims = targets.map(claimOf);
  const count = (list: readonly string[], value: string): number =>
    list.filter((item) => item === value).length;
  return {
    ok: count(marks, "ok"),
    failed: count(marks, "failed"),
    open: count(marks, "open"),
    executed: count(claims, "executed"),
    emulated: count(claims, "emulated"),
    structural: count(claims, "structural"),
  };
}

/** Targets whose libraries were linked over stand-ins of the system's: right as far as bytes tell, and never released. */
export function stubTargets({ targets }: RunReport): string[] {
  return targets.flatMap(({ artifact, target }) =>
    artifact?.provenance.sysroot === "stub" ? [target.triple] : [],
  );
}

/** What keeps a run in which all is well from being a release; undefined where nothing does. */
export function releaseObstacle(run: RunReport): string | undefined {
  const { length } = stubTargets(run);
  if (length === 0) return undefined;
  const targets = length === 1 ? "1 target is" : `${length} targets are`;
  return `Not for release: ${targets} linked over stubs of the system's libraries. A real SDK changes that; npm run doctor:host names it.`;
}

export function libraryBytes(report: TargetReport): number {
  return (report.artifact?.libraries ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Decimal megabytes, as download pages count. */
export function megabytes(bytes: number): string {
  return bytes === 0 ? "" : `${(bytes / 1e6).toFixed(2)} MB`;
}

export function seconds(value: number): string {
  return value === 0 ? "" : `${value.toFixed(1)} s`;
}
