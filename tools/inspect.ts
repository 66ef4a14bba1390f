// Command: prints what files are, from their bytes alone.
import { Command, CommanderError } from "commander";
import { inspectArtifact } from "./inspect/inspect.ts";
import { factsAsJson, summaryLines } from "./inspect/print.ts";
import { exitCodes, ToolError } from "./shared/errors.ts";

const program = new Command("inspect")
  .description(
    "Prints what libraries, object files and archives are (ELF, PE, COFF, Mach-O, ar), read from their bytes.",
  )
  .argument("<file...>", "files to read; the content decides what they are, not the name")
  .option("--json", "print all facts as one JSON document, an array with an entry for each file")
  .addHelpText("after", "\nExit codes: 0 all files were read, 2 a file cannot be read or the usage is wrong.")
  .exitOverride()
  .action(inspectFiles);

async function inspectFiles(files: readonly string[], options: { json?: true }): Promise<void> {
  const facts = [];
  for (const file of files) {
    try {
      facts.push(await inspectArtifact(file));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      process.exitCode = error.exitCode;
      process.stderr.write(`error: ${error.message}\n  fix: ${error.remedy}\n`);
    }
  }
  if (options.json === true) process.stdout.write(`${factsAsJson(facts)}\n`);
  else for (const entry of facts) process.stdout.write(`${summaryLines(entry).join("\n")}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
}
