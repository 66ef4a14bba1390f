// Writes the report of a run in three forms: a page for people, a table for notes, and JSON for programs.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeWholeFile } from "../shared/whole-file.ts";
import { markdownReport } from "./markdown.ts";
import { reportPage } from "./page.ts";
import type { RunReport } from "./run-report.ts";

export interface WrittenReport {
  readonly html: string;
  readonly json: string;
  readonly markdown: string;
}

/** Absolute paths of the three files in `directory`, e.g. artifacts/report. */
export async function writeReport(report: RunReport, directory: string): Promise<WrittenReport> {
  await mkdir(directory, { recursive: true });
  return {
    html: await written(join(directory, "index.html"), reportPage(report)),
    json: await written(join(directory, "report.json"), `${JSON.stringify(report, null, 2)}\n`),
    markdown: await written(join(directory, "report.md"), markdownReport(report)),
  };
}

async function written(path: string, text: string): Promise<string> {
  await writeWholeFile(path, text);
  return path;
}
