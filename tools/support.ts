// Entry: writes docs/support.md from the report of the last `npm run matrix`.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { project } from "../nnrp.project.ts";
import { crateFor } from "./matrix/crate.ts";
import { targets as table } from "./matrix/targets.ts";
import type { RunReport } from "./report/run-report.ts";
import { supportTiers } from "./report/support-tiers.ts";
import { printsHelp, runEntry } from "./shared/entry.ts";
import { exitCodes, ToolError } from "./shared/errors.ts";

await runEntry(async () => {
  if (printsHelp("npm run support: writes docs/support.md from the report of npm run matrix -- --all."))
    return exitCodes.ok;
  const source = join(project.root, "artifacts/report/report.json");
  const text = await readFile(source, "utf8").catch((cause: unknown) => {
    throw new ToolError({
      code: "no-report",
      family: "usage",
      message: `${source} cannot be read`,
      remedy: "npm run matrix -- --all",
      cause,
    });
  });
  const report = JSON.parse(text) as RunReport;
  requireAllTargets(report, source);
  const page = supportTiers(report, "npm run matrix -- --all && npm run support");
  await mkdir(join(project.root, "docs"), { recursive: true });
  await writeFile(join(project.root, "docs/support.md"), page);
  return exitCodes.ok;
});

/** The page is about every target, and a later run of one alone leaves a report of that one. */
function requireAllTargets({ targets }: RunReport, source: string): void {
  const reported = new Set(targets.map(({ target }) => target.triple));
  const expected = table.filter((target) => crateFor(project, target) !== undefined);
  const missing = expected.filter(({ triple }) => !reported.has(triple));
  if (missing.length === 0) return;
  throw new ToolError({
    code: "report-of-a-part",
    family: "usage",
    message: `${source} is of a run without ${missing.map(({ triple }) => triple).join(", ")}`,
    remedy: "npm run matrix -- --all",
  });
}
