// Entry: writes docs/support.md from the report of the last `npm run matrix`.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { project } from "../nnrp.project.ts";
import type { RunReport } from "./report/run-report.ts";
import { supportTiers } from "./report/support-tiers.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes, ToolError } from "./shared/errors.ts";

await runEntry(async () => {
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
  const page = supportTiers(JSON.parse(text) as RunReport, "npm run matrix -- --all && npm run support");
  await mkdir(join(project.root, "docs"), { recursive: true });
  await writeFile(join(project.root, "docs/support.md"), page);
  return exitCodes.ok;
});
