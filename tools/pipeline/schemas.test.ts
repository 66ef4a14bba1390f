// What stages hand on and what --json prints is what the published schemas say, in a real run that passes and one that fails.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { tinyCheckout, type TinyCheckout } from "./tiny-checkout.ts";

const limitMs = 600_000;
const tools = join(import.meta.dirname, "..");
const schemaFolder = join(tools, "report", "schema");
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
for (const name of readdirSync(schemaFolder)) ajv.addSchema(readJson(join(schemaFolder, name)) as object);
const event = ajv.compile(readJson(join(tools, "progress", "events.schema.json")) as object);

let folder: string;
let tiny: TinyCheckout;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "schemas-"));
  tiny = tinyCheckout(join(folder, "checkout"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function schema(name: string): ValidateFunction {
  const found = ajv.getSchema(`${name}.schema.json`);
  if (found === undefined) throw new Error(`no schema ${name}`);
  return found;
}

function expectValid(validate: ValidateFunction, value: unknown): void {
  const isValid = validate(value);
  expect(validate.errors ?? [], JSON.stringify(value).slice(0, 2000)).toEqual([]);
  expect(isValid).toBe(true);
}

function artifacts(...names: readonly string[]): unknown {
  return readJson(join(tiny.root, "artifacts", ...names));
}

describe("the published schemas", { timeout: limitMs }, () => {
  it("describe every line and every file of a run that passes", () => {
    const { code, stdout, stderr } = tiny.matrix([
      "--target",
      "host",
      "--until",
      "package",
      "--profile",
      "quick",
      "--json",
    ]);
    expect(code, stdout + stderr).toBe(0);
    const lines = stdout.trim().split("\n");
    for (const line of lines) expectValid(event, JSON.parse(line));
    const types = new Set(lines.map((line) => (JSON.parse(line) as { type: string }).type));
    for (const type of [
      "plan",
      "run-started",
      "step-started",
      "step-line",
      "step-finished",
      "target-finished",
      "summary",
    ])
      expect(types).toContain(type);
    const triple = hostTriple(thisHost());
    expectValid(schema("artifact"), artifacts(triple, "artifact.json"));
    const facts = ajv.compile(readJson(join(tools, "inspect", "artifact-facts.schema.json")) as object);
    expectValid(facts, artifacts(triple, "facts.json"));
    expectValid(schema("findings"), artifacts(triple, "findings.json"));
    expectValid(schema("run-report"), artifacts("report", "report.json"));
  });

  it("describe the report of a run that fails, with its cause, lines and place", () => {
    tiny.change("src/lib.rs", (text) => `${text}\nfn broken() -> u32 { "no number" }\n`);
    const { code } = tiny.matrix(["--target", "host", "--until", "package", "--profile", "quick"]);
    expect(code).toBe(1);
    const report = artifacts("report", "report.json") as { targets: readonly { failure?: unknown }[] };
    expectValid(schema("run-report"), report);
    expect(report.targets[0]?.failure).toMatchObject({ code: "build-failed", place: { file: "src/lib.rs" } });
  });

  it("describe a dry run of every target", () => {
    const { stdout } = tiny.matrix(["--dry-run", "--json"]);
    for (const line of stdout.trim().split("\n")) expectValid(event, JSON.parse(line));
  });

  it("refuse a report that lacks a member, has a strange one, or a digest that is none", () => {
    const good = artifacts("report", "report.json") as Record<string, unknown>;
    const validate = schema("run-report");
    const without = Object.fromEntries(Object.entries(good).filter(([name]) => name !== "host"));
    for (const bad of [
      without,
      { ...good, strange: 1 },
      { ...good, packages: [{ kind: "archive", sha256: "x" }] },
    ])
      expect(validate(bad)).toBe(false);
  });
});
