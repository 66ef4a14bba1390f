// Command: writes the report page and its Markdown again from report.json files; several become one.
import { appendFile, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { withDeviceResults } from "./report/device-results.ts";
import { mergeReports } from "./report/merge-reports.ts";
import { readPreviousRelease } from "./report/previous-release.ts";
import { readReport, readVerification } from "./report/read-report.ts";
import { writeReport } from "./report/write-report.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";

const usage = `usage: npx tsx tools/report.ts [report.json...] [--previous report.json] [--output folder]
                               [--device verification.json]...
Without a file: artifacts/report/report.json. Without --output: the folder of the first file.
--device adds what tools/smoke-device.ts found out elsewhere about the same packages.
`;

await runEntry(async () => {
  const { values, positionals } = parseArgs({
    options: {
      previous: { type: "string" },
      output: { type: "string" },
      device: { type: "string", multiple: true, default: [] },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return exitCodes.ok;
  }
  const own = join(import.meta.dirname, "..", "artifacts", "report", "report.json");
  const files = positionals.length === 0 ? [own] : positionals.map((file) => resolve(file));
  const devices = await Promise.all(values.device.map(readVerification));
  const merged = withDeviceResults(mergeReports(await Promise.all(files.map(readReport))), devices);
  const previous =
    values.previous === undefined ? {} : { previous: await readPreviousRelease(values.previous) };
  const folder = resolve(values.output ?? dirname(files[0] ?? own));
  const { html, markdown, json } = await writeReport({ ...merged, ...previous }, folder);
  process.stdout.write(`${[html, markdown, json].join("\n")}\n`);
  const page = process.env["GITHUB_STEP_SUMMARY"];
  if (page !== undefined && page !== "") await appendFile(page, await readFile(markdown, "utf8"));
  return exitCodes.ok;
});
