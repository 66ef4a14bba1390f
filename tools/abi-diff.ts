// Entry: compares two headers, folders of headers, or abi.json files; exits 1 where programs would break. See --help.
import { Command, Option } from "commander";
import { diffAbi, type AbiChange, type AbiDiff } from "./abi/diff.ts";
import { readAbi } from "./abi/read-abi.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { parseOrHelp } from "./shared/usage-error.ts";

const program = new Command("npx tsx tools/abi-diff.ts")
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
    "\nClasses of layout: p8a8 64 bits; p4a8 32 bits, 64-bit integers at multiples of 8; p4a4 at multiples of 4." +
      "\nThe JSON is of tools/abi/abi-diff.schema.json." +
      "\nExit codes: 0 compatible, 1 breaking, 2 something cannot be read or the usage is wrong.",
  );

await runEntry(() => {
  const helped = parseOrHelp(program, process.argv.slice(2));
  if (helped !== undefined) return Promise.resolve(helped);
  const diff = diffAbi(readAbi(program.args[0] ?? ""), readAbi(program.args[1] ?? ""));
  process.stdout.write(`${formatted(diff, program.opts<{ format: string }>().format)}\n`);
  return Promise.resolve(diff.verdict === "major" ? exitCodes.finding : exitCodes.ok);
});

function formatted(diff: AbiDiff, format: string): string {
  if (format === "json") return JSON.stringify(diff, undefined, 2);
  return format === "markdown" ? markdown(diff) : table(diff);
}

function table(diff: AbiDiff): string {
  return [...diff.changes.map((change) => cells(change).join("  ").trimEnd()), ...conclusion(diff)].join(
    "\n",
  );
}

function markdown(diff: AbiDiff): string {
  const rows = diff.changes.map(
    (change) =>
      `| ${cells(change)
        .map((cell) => cell.replaceAll("|", "\\|"))
        .join(" | ")} |`,
  );
  const head =
    rows.length === 0 ? [] : ["|  | Change | Kind | Name | Detail |", "| --- | --- | --- | --- | --- |"];
  return [...head, ...rows, "", ...conclusion(diff)].join("\n");
}

function cells({ change, kind, name, breaking, detail }: AbiChange): string[] {
  return [breaking ? "breaking" : "compatible", change, kind, name, detail];
}

function conclusion({ verdict, version: { before, after, step }, understated }: AbiDiff): string[] {
  const said = step === null ? [] : [`version: ${before ?? ""} -> ${after ?? ""}, a step of ${step}`];
  const warning = understated ? ["the version says less than what changed"] : [];
  return [...said, ...warning, `verdict: ${verdict}`];
}
