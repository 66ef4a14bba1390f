// Entry: refuses to release what was linked over stubs, naming each record and package.
import { Command } from "commander";
import { readRelease } from "./package/read-release.ts";
import { releaseRefusals } from "./package/release-check.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { parseOrHelp } from "./shared/usage-error.ts";

const program = new Command("npx tsx tools/release-check.ts")
  .description("Reads artifact.json records and packages, and names everything that must not be released.")
  .argument("[path...]", "output folder of a run, folder of packages, or a package", ["artifacts"])
  .option("--json", "one JSON object", false)
  .addHelpText("after", "\nExit codes: 0 all may be released, 1 something may not, 2 nothing to check.");

await runEntry(async () => {
  const helped = parseOrHelp(program, process.argv.slice(2));
  if (helped !== undefined) return helped;
  const [paths] = program.processedArgs as [readonly string[]];
  const contents = await Promise.all(paths.map(readRelease));
  const records = contents.flatMap((content) => content.records);
  const refusals = releaseRefusals(
    records,
    contents.flatMap(({ files }) => files),
  );
  if (program.opts<{ json: boolean }>().json)
    process.stdout.write(`${JSON.stringify({ examined: records.length, refusals }, null, 2)}\n`);
  else {
    for (const { source, triple, reason, remedy } of refusals)
      process.stdout.write(`refused ${source}\n  ${triple}: ${reason}\n  fix: ${remedy}\n`);
    process.stdout.write(`${records.length} records examined, ${refusals.length} refused\n`);
  }
  return refusals.length === 0 ? exitCodes.ok : exitCodes.finding;
});
