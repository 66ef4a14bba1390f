// What a run came to: the closing table, the summary line of --json, and the exit code.
import { exitCodes, worstExitCode, type ExitCode } from "../shared/errors.ts";
import { groupFindings } from "../report/finding-groups.ts";
import type { RunReport, TargetFailure, TargetReport } from "../report/run-report.ts";
import { failuresOf } from "../smoke/verification.ts";
import { hasFailed } from "./target-run.ts";

export interface TargetSummary {
  readonly triple: string;
  readonly planned: boolean;
  readonly built: boolean;
  readonly inspected: boolean;
  /** How the packaged library ran; null when it was not packed. */
  readonly ran: "executed" | "emulated" | "structural" | null;
  readonly packaged: boolean;
  /** All libraries together. */
  readonly bytes: number;
  readonly seconds: number;
  /** With what it is built, or why it was not. */
  readonly reason: string;
}

export function summarize(report: TargetReport): TargetSummary {
  const libraries = report.artifact?.libraries ?? [];
  const stepIsOk = (name: string): boolean => report.steps.some(({ step, ok }) => step === name && ok);
  return {
    triple: report.target.triple,
    planned: report.planned,
    built: report.artifact !== undefined,
    inspected: stepIsOk("inspect") && stepIsOk("verify"),
    ran: report.verification?.claim ?? null,
    packaged: report.packages.length > 0,
    bytes: libraries.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: report.seconds,
    reason: report.failure === undefined ? report.reason : (report.failure.message.split("\n")[0] ?? ""),
  };
}

/** What the caller does not let pass. */
export interface Strictness {
  /** The targets were asked for: one that cannot be built here is an error, not a remark. */
  readonly askedFor: boolean;
  /** So is a client that cannot run here for want of something that can be installed. */
  readonly forbidSkips: boolean;
}

export function exitCodeOf(targets: readonly TargetReport[], strictness: Strictness): ExitCode {
  const codes = targets.flatMap((target): ExitCode[] => {
    if (!target.planned) return strictness.askedFor ? [exitCodes.environment] : [];
    if (hasFailed(target)) return [exitCodes.finding];
    const isSkipped = (target.verification?.skipped ?? []).length > 0;
    return strictness.forbidSkips && isSkipped ? [exitCodes.environment] : [];
  });
  const nothingBuilt = targets.length > 0 && targets.every(({ planned }) => !planned);
  return worstExitCode(nothingBuilt ? [...codes, exitCodes.environment] : codes);
}

const headings = ["target", "built", "inspected", "ran", "packaged", "MB", "seconds"] as const;

export function renderTable(run: RunReport): string {
  const rows = run.targets.map((target) => cells(summarize(target)));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [line(headings), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function cells(summary: TargetSummary): string[] {
  const { triple, planned, built, inspected, ran, packaged, bytes, seconds } = summary;
  if (!planned) return [triple, "not here", "", "", "", "", ""];
  const yes = (value: boolean): string => (value ? "yes" : "no");
  const size = built ? (bytes / 1e6).toFixed(1) : "";
  return [triple, yes(built), yes(inspected), ran ?? "-", yes(packaged), size, seconds.toFixed(1)];
}

/** What went wrong and what mends it, target by target. */
export function renderProblems(run: RunReport): string {
  return run.targets.flatMap(problemsOf).join("\n");
}

function failureLines(triple: string, { message, lines, cause, remedy, log }: TargetFailure): string[] {
  return [
    message.startsWith(`${triple}: `) ? message : `${triple}: ${message}`,
    ...(lines ?? []).map((line) => `  | ${line}`),
    ...(cause === undefined ? [] : [`  likely cause: ${cause}`]),
    `  fix: ${remedy}`,
    ...(log === undefined ? [] : [`  log: ${log}`]),
  ];
}

/** What the machine turned out to lack on the way; what the plan knew of is said there. */
function lackLines({ target, planned, steps, reason, remedy }: TargetReport): string[] {
  if (planned || steps.length === 0) return [];
  return [
    `${target.triple}: ${reason ?? "cannot be built here"}`,
    `  fix: ${remedy ?? "npm run doctor:host"}`,
  ];
}

function problemsOf(report: TargetReport): string[] {
  const { target, failure, findings, verification } = report;
  const failed = failure === undefined ? lackLines(report) : failureLines(target.triple, failure);
  const broken = groupFindings(findings).flatMap(({ severity, gate, file, title, places, further, fix }) => [
    `${target.triple}: ${severity} ${gate}: ${file}: ${title}`,
    ...places.map((place) => `  ${place}`),
    ...(further === 0 ? [] : [`  and ${further} more places`]),
    `  fix: ${fix}`,
  ]);
  const ran = (verification === undefined ? [] : failuresOf(verification)).map(
    (text) => `${target.triple}: smoke ${text}`,
  );
  return [...failed, ...broken, ...ran];
}
