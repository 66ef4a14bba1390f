// Command: writes the JSON Schema of the facts from their TypeScript types, or with --check compares it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command as Program } from "commander";
import { format } from "prettier";
import { runEntry } from "../shared/entry.ts";
import { exitCodes, ToolError } from "../shared/errors.ts";
import { schemaOfFacts } from "./schema-writer.ts";

const schemaFile = fileURLToPath(new URL("artifact-facts.schema.json", import.meta.url));

const program = new Program("facts-schema")
  .description("Writes tools/inspect/artifact-facts.schema.json, the schema of what `inspect --json` prints.")
  .option("--check", "only compare it with the types")
  .addHelpText("after", "\nExit codes: 0 written or fresh, 1 --check found it stale.");

await runEntry(async () => {
  const { check } = program.parse().opts<{ check?: true }>();
  const text = await format(JSON.stringify(schemaOfFacts()), { parser: "json", printWidth: 110 });
  if (check !== true) writeFileSync(schemaFile, text);
  else if (readFileSync(schemaFile, "utf8") !== text) throw stale();
  return exitCodes.ok;
});

function stale(): ToolError {
  return new ToolError({
    code: "stale-schema",
    family: "finding",
    message: `${schemaFile}: is not what the types of the facts say`,
    remedy: "npx tsx tools/inspect/facts-schema.ts",
  });
}
