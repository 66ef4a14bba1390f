// Entry: says for each target what of its toolchain this machine has, what is missing, and what installing it costs.
import { Command } from "commander";
import { project } from "../nnrp.project.ts";
import { foldersOf } from "./matrix/folders.ts";
import { hostTriple, thisHost } from "./matrix/host.ts";
import { selectTargets } from "./matrix/select.ts";
import { targets as table } from "./matrix/targets.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes, type ExitCode } from "./shared/errors.ts";
import { systemProcess } from "./shared/process.ts";
import { parseOrHelp } from "./shared/usage-error.ts";
import { detectHost } from "./toolchain/detect.ts";
import { surveyTable } from "./toolchain/survey-table.ts";
import { surveyTargets } from "./toolchain/survey.ts";

const program = new Command("npm run doctor:host --")
  .description("Shows per target what was found, what is missing, the line that installs it and its cost.")
  .argument("[triple...]", 'targets (default: all); "host" is this machine')
  .option("--json", "one JSON object", false)
  .option("--offline", "judge as a run that fetches nothing would", false)
  .addHelpText("after", "\nExit codes: 0 all named targets can be built, 2 wrong usage, 3 one cannot.");

await runEntry(async () => {
  const helped = parseOrHelp(program, process.argv.slice(2));
  if (helped !== undefined) return helped;
  return survey(program.args, program.opts<{ json: boolean; offline: boolean }>());
});

async function survey(
  names: readonly string[],
  { json, offline }: { readonly json: boolean; readonly offline: boolean },
): Promise<ExitCode> {
  const host = hostTriple(thisHost());
  const selection = { all: names.length === 0, targets: names, families: [] };
  const { targets } = selectTargets(selection, table, host);
  const rows = surveyTargets(targets, await detectHost(foldersOf(project), systemProcess, { offline }));
  process.stdout.write(`${json ? JSON.stringify({ host, targets: rows }, null, 2) : surveyTable(rows)}\n`);
  return rows.some(({ state }) => state === "blocked") ? exitCodes.environment : exitCodes.ok;
}
