// The report as JSON, one document as schema/doctor-report.schema.json describes it.
import type { DoctorReport } from "./report.ts";

export function formatJson(report: DoctorReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
