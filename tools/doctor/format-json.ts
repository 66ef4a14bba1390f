// The report as JSON, one document as schema/doctor-report.schema.json describes it.
import { summaryOf, type DoctorReport } from "./report.ts";

export function formatJson(report: DoctorReport): string {
  const { findings, examined } = report;
  const document = {
    summary: summaryOf(report),
    ...report,
    findings: findings.map(withMember),
    examined: examined.map(withMember),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Readers find the key in every entry: null where the file itself is meant. */
function withMember<T extends { readonly file: string; readonly member?: string }>(
  entry: T,
): Omit<T, "member"> & { readonly member: string | null } {
  return { ...entry, member: entry.member ?? null };
}
