// Command: prints what files are, from their bytes alone.
import { Command, CommanderError } from "commander";
import { librariesIn } from "./container/library-facts.ts";
import { isContainer, openContainer } from "./container/open.ts";
import type { ArtifactFacts } from "./inspect/facts.ts";
import { inspectArtifact } from "./inspect/inspect.ts";
import { factsAsJson, summaryLines } from "./inspect/print.ts";
import { exitCodes, ToolError } from "./shared/errors.ts";

const program = new Command("inspect")
  .description(
    "Prints what libraries, object files and archives are (ELF, PE, COFF, Mach-O, wasm, ar), read from their bytes.",
  )
  .argument(
    "<path...>",
    "files, packages (zip, tar, wheel, npm, jar, AAR, nupkg, …) or folders; the content decides what they are",
  )
  .option(
    "--json",
    "print all facts as one JSON document, an array with an entry for each library; see tools/inspect/artifact-facts.schema.json",
  )
  .addHelpText("after", "\nExit codes: 0 all was read, 2 something cannot be read or the usage is wrong.")
  .exitOverride()
  .action(inspectPaths);

async function inspectPaths(paths: readonly string[], options: { json?: true }): Promise<void> {
  const facts: ArtifactFacts[] = [];
  for (const path of paths) {
    try {
      if (await isContainer(path)) await inspectMembers(path, facts);
      else facts.push(await inspectArtifact(path));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      complain(error.message, error.remedy);
    }
  }
  if (options.json === true) process.stdout.write(`${factsAsJson(facts)}\n`);
  else for (const entry of facts) process.stdout.write(`${summaryLines(entry).join("\n")}\n`);
}

async function inspectMembers(path: string, facts: ArtifactFacts[]): Promise<void> {
  for await (const found of librariesIn(await openContainer(path))) {
    if (found.type === "library") facts.push(found.facts);
    else if (found.type === "broken") complain(found.error.message, found.error.remedy);
    else
      complain(
        `${found.file}: offset 0x${found.offset.toString(16)}: ${found.member ?? "the archive"}: ${found.message}`,
        found.remedy,
      );
  }
}

function complain(message: string, remedy: string): void {
  process.exitCode = exitCodes.usage;
  process.stderr.write(`error: ${message}\n  fix: ${remedy}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
}
