// Command: prints what files are, from their bytes alone.
import { Command } from "commander";
import { librariesIn } from "./container/library-facts.ts";
import { isContainer, openContainer } from "./container/open.ts";
import type { ArtifactFacts } from "./inspect/facts.ts";
import { inspectArtifact } from "./inspect/inspect.ts";
import { factsAsJson, summaryLines } from "./inspect/print.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes, ToolError, type ExitCode } from "./shared/errors.ts";
import { parseOrHelp } from "./shared/usage-error.ts";

const program = new Command("npx tsx tools/inspect.ts")
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
  .addHelpText("after", "\nExit codes: 0 all was read, 2 something cannot be read or the usage is wrong.");

await runEntry(async () => {
  const helped = parseOrHelp(program, process.argv.slice(2));
  if (helped !== undefined) return helped;
  return inspectPaths(program.args, program.opts<{ json?: true }>());
});

async function inspectPaths(paths: readonly string[], options: { json?: true }): Promise<ExitCode> {
  const facts: ArtifactFacts[] = [];
  let worst: ExitCode = exitCodes.ok;
  const complain = (message: string, remedy: string): void => {
    worst = exitCodes.usage;
    process.stderr.write(`error: ${message}\n  fix: ${remedy}\n`);
  };
  for (const path of paths) {
    try {
      if (await isContainer(path)) await inspectMembers(path, facts, complain);
      else facts.push(await inspectArtifact(path));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      complain(error.message, error.remedy);
    }
  }
  if (options.json === true) process.stdout.write(`${factsAsJson(facts)}\n`);
  else for (const entry of facts) process.stdout.write(`${summaryLines(entry).join("\n")}\n`);
  return worst;
}

async function inspectMembers(
  path: string,
  facts: ArtifactFacts[],
  complain: (message: string, remedy: string) => void,
): Promise<void> {
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
