// The published schema is what the types say, and what the readers give fits it.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { corpusLibrary } from "../container/corpus-library.ts";
import { corpusFile, fetchCommand } from "./corpus-cache.ts";
import { inspectBytes } from "./inspect.ts";
import { factsAsJson } from "./print.ts";
import { schemaOfFacts } from "./schema-writer.ts";

const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));
const text = readFileSync(fileURLToPath(new URL("artifact-facts.schema.json", import.meta.url)), "utf8");
const valid = new Ajv2020({ allErrors: true }).compile(JSON.parse(text) as object);
const files = readdirSync(fixtures, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(so|a|dll|dylib|node)$/.test(path))
  .map((path) => join(fixtures, path));

test("the schema is fresh (npx tsx tools/inspect/facts-schema.ts)", async () => {
  expect(await format(JSON.stringify(schemaOfFacts()), { parser: "json", printWidth: 110 })).toBe(text);
});

describe("facts fit the schema", () => {
  test.each(files.map((path) => [relative(fixtures, path), path]))("of %s", (_name, path) => {
    expectFits(readFileSync(path));
  });

  test("and a fact with another name does not", () => {
    const [facts] = JSON.parse(factsAsJson([inspectBytes("lib", readFileSync(files[0] ?? ""))])) as object[];
    expect(valid([facts])).toBe(true);
    expect(valid([{ ...facts, surprise: 1 }])).toBe(false);
    expect(valid([{ ...facts, bytes: "many" }])).toBe(false);
  });
});

/** Formats and parts that no fixture has. */
const foreign: readonly [string, string][] = [
  ["jna", "com/sun/jna/linux-s390x/libjnidispatch.so"],
  ["numpy-win-amd64", "numpy.libs/msvcp140-a4c2229bdc2a2a630acdc095b4d86008.dll"],
  ["numpy-win-amd64", "numpy/_core/lib/npymath.lib"],
  ["cryptography-macos-universal2", "cryptography/hazmat/bindings/_rust.abi3.so"],
  ["esbuild-darwin-arm64", "package/bin/esbuild"],
  ["sharp-win32-ia32", "package/lib/sharp-win32-ia32-0.35.5.node"],
  ["rollup-wasm-node", "package/dist/wasm-node/bindings_wasm_bg.wasm"],
];
const missing = foreign.filter(([id]) => corpusFile(id) === undefined);
if (missing.length > 0 && process.env["FORBID_SKIPS"] === "1")
  throw new Error(`packages of the corpus are missing: ${fetchCommand}`);

describe.skipIf(missing.length > 0)(`foreign facts fit the schema (${fetchCommand})`, () => {
  test.each(foreign)("of %s %s", async (id, member) => {
    expectFits((await corpusLibrary(id, member)) ?? Buffer.alloc(0));
  });
});

function expectFits(bytes: Buffer): void {
  valid(JSON.parse(factsAsJson([inspectBytes("lib", bytes)])));
  expect(valid.errors).toBeNull();
}
