// Writes the report of a run in three forms: a page for people, a table for notes, and JSON for programs.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
    html: await writeWhole(join(directory, "index.html"), reportPage(report)),
    json: await writeWhole(join(directory, "report.json"), `${JSON.stringify(report, null, 2)}\n`),
    markdown: await writeWhole(join(directory, "report.md"), markdownReport(report)),
  };
}

/** A reader sees the old file or the new one, never half of one. */
async function writeWhole(path: string, text: string): Promise<string> {
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
  return path;
}
