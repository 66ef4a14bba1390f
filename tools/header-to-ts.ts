// Entry: reads C headers and writes the bindings, proofs and export lists that are generated from them. See --help.
import { project } from "../nnrp.project.ts";
import { parseArguments } from "./generate/arguments.ts";
import { generate } from "./generate/generate.ts";
import { runEntry } from "./shared/entry.ts";

await runEntry(async () => {
  const given = parseArguments(process.argv.slice(2));
  if (typeof given === "number") return given;
  return generate(given, project, console.log, console.error);
});
