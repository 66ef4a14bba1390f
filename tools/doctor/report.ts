// What the doctor says about everything it was given: findings, what was examined, and what could not be read.
import { examine, type Examined } from "../verify/examine.ts";
import type { Finding } from "../verify/finding.ts";
import type { PolicyFile } from "../verify/policy-file.ts";
import { exitCodes, ToolError, worstExitCode, type ExitCode } from "../shared/errors.ts";
import { systemError } from "../shared/likely-cause.ts";

/** As schema/doctor-report.schema.json describes it. */
export interface DoctorReport {
  readonly findings: readonly Finding[];
  readonly examined: readonly Examined[];
  /** Files that are nothing the doctor can read. */
  readonly unreadable: readonly Unreadable[];
  /** Findings beyond the first `mostFindings`, which are left out. */
  readonly omitted: number;
}

export interface Unreadable {
  readonly file: string;
  /** Stable, kebab case. */
  readonly code: string;
  /** Names the file, and the offset where bytes are wrong. */
  readonly message: string;
  readonly fix: string;
}

/** A hostile package can break a rule in each of its entries; nobody reads more, and no service takes more. */
export const mostFindings = 10_000;

/** Examines one path after the other; what cannot be read does not keep the others from being examined. */
export async function examinePaths(paths: readonly string[], policy: PolicyFile): Promise<DoctorReport> {
  const findings: Finding[] = [];
  const examined: Examined[] = [];
  const unreadable: Unreadable[] = [];
  for (const path of paths) {
    try {
      const examination = await examine(path, policy);
      for (const finding of examination.findings) findings.push(finding);
      for (const entry of examination.examined) examined.push(entry);
    } catch (thrown) {
      unreadable.push(unreadableFile(path, thrown));
    }
  }
  findings.sort((left, right) => rank[left.severity] - rank[right.severity]);
  const omitted = Math.max(0, findings.length - mostFindings);
  return { findings: findings.slice(0, mostFindings), examined, unreadable, omitted };
}

/** What is left out of a long report are the least severe findings. */
const rank: Readonly<Record<Finding["severity"], number>> = { error: 0, warning: 1, note: 2 };

function unreadableFile(file: string, thrown: unknown): Unreadable {
  const error = thrown instanceof ToolError ? thrown : systemError(thrown);
  if (error === undefined) throw thrown;
  return { file, code: error.code, message: error.message, fix: error.remedy };
}

/** 1 with an error among the findings, 2 where something cannot be read, 0 otherwise. */
export function exitCodeOf({ findings, unreadable }: DoctorReport): ExitCode {
  return worstExitCode([
    findings.some(({ severity }) => severity === "error") ? exitCodes.finding : exitCodes.ok,
    unreadable.length > 0 ? exitCodes.usage : exitCodes.ok,
  ]);
}

/** Findings of one gate in one form, in the order of the report. */
export interface GateFindings {
  readonly gate: string;
  readonly severity: Finding["severity"];
  readonly title: string;
  readonly fix: string;
  readonly findings: readonly Finding[];
}

export function byGate({ findings }: DoctorReport): GateFindings[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    // A gate has other words for its milder form.
    const key = `${finding.severity} ${finding.gate} ${finding.title}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { gate, severity, title, fix } = first;
    return [{ gate, severity, title, fix, findings: group }];
  });
}

/** Nothing wrong was found then because nothing was there to look at. */
export function hasNoLibrary({ examined }: DoctorReport): boolean {
  return examined.every(({ what }) => what !== "library");
}

/** "2 errors, 1 warning in 1 package and 3 libraries". */
export function summaryOf(report: DoctorReport): string {
  const { findings, examined, unreadable, omitted } = report;
  const severities = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  const places = [
    counted(examined.filter(({ what }) => what === "package").length, "package"),
    counted(examined.filter(({ what }) => what === "library").length, "library"),
  ];
  const rest = omitted === 0 ? "" : `, ${omitted} more left out`;
  const unread = unreadable.length === 0 ? "" : `; ${counted(unreadable.length, "file")} not readable`;
  const nothing = hasNoLibrary(report) ? "; no library was examined" : "";
  return `${severities.join(", ") || "nothing found"}${rest} in ${places.join(" and ")}${unread}${nothing}`;
}

export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.replace(/y$/, "ie")}s`;
}

/** Where a finding is, for a person: section and offset. */
export function placeOf({ evidence: { section, offset } }: Finding): string {
  return `${section} at 0x${offset.toString(16)}`;
}
