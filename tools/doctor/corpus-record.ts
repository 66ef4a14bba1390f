// Command: writes what the doctor says about the corpus into corpus-verdicts.json, which its test compares.
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { corpusFile, corpusPackages, fetchCommand } from "../inspect/corpus-cache.ts";
import { runEntry } from "../shared/entry.ts";
import { exitCodes, ToolError } from "../shared/errors.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import { corpusVerdicts } from "./corpus-verdicts.ts";

const file = fileURLToPath(new URL("corpus-verdicts.json", import.meta.url));

const program = new Command("corpus-record")
  .description("Writes what the doctor says about the packages of the corpus into corpus-verdicts.json.")
  .addHelpText("after", `\nThe packages: ${fetchCommand}\nExit codes: 0 written, 3 a package is missing.`);

await runEntry(async () => {
  program.parse();
  const missing = corpusPackages.filter(({ id }) => corpusFile(id) === undefined);
  if (missing.length > 0) throw notFetched(missing.map(({ id }) => id));
  await writeWholeFile(file, `${JSON.stringify(await corpusVerdicts(), undefined, 2)}\n`);
  return exitCodes.ok;
});

function notFetched(ids: readonly string[]): ToolError {
  return new ToolError({
    code: "corpus-missing",
    family: "environment",
    message: `packages of the corpus are missing: ${ids.join(", ")}`,
    remedy: fetchCommand,
  });
}
