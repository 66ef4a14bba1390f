// Entry: compares two headers, folders of headers, or abi.json files; exits 1 where programs would break. See --help.
import { Command, CommanderError, Option } from "commander";
import { diffAbi, type AbiDiff } from "./abi/diff.ts";
import { readAbi } from "./abi/read-abi.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";

const program = new Command("abi-diff")
  .description("Compares the C ABI of two headers, folders of headers, or abi.json files.")
  .argument("<old>")
  .argument("<new>")
  .addOption(
    new Option("--format <format>", "form of the report")
      .choices(["table", "json", "markdown"])
      .default("table"),
  )
  .addHelpText(
    "after",
    "\nExit codes: 0 compatible, 1 breaking, 2 something cannot be read or the usage is wrong.",
  )
  .exitOverride();

await runEntry(() => {
  try {
    program.parse();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return Promise.resolve(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  }
  const diff = diffAbi(readAbi(program.args[0] ?? ""), readAbi(program.args[1] ?? ""));
  process.stdout.write(`${formatted(diff, program.opts<{ format: string }>().format)}\n`);
  return Promise.resolve(diff.verdict === "major" ? exitCodes.finding : exitCodes.ok);
});

function formatted(diff: AbiDiff, format: string): string {
  if (format === "json") return JSON.stringify(diff, undefined, 2);
  const isTable = format === "table";
  const rows = diff.changes.map(({ change, kind, name, breaking, detail }) => {
    const cells = [breaking ? "breaking" : "compatible", change, kind, name, detail];
    return isTable
      ? cells.join("  ").trimEnd()
      : `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const head =
    isTable || rows.length === 0
      ? []
      : ["|  | Change | Kind | Name | Detail |", "| --- | --- | --- | --- | --- |"];
  return [...head, ...rows, ...(isTable ? [] : [""]), `verdict: ${diff.verdict}`].join("\n");
}
