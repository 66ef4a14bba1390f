// Reads report.json and verification.json files of other runs, held against the published schemas before anything uses them.
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { ToolError } from "../shared/errors.ts";
import type { Verification } from "../smoke/verification.ts";
import type { RunReport } from "./run-report.ts";

export async function readReport(file: string): Promise<RunReport> {
  return (await readChecked(file, "run-report.schema.json", "npm run matrix writes it")) as RunReport;
}

export async function readVerification(file: string): Promise<Verification> {
  const remedy = "npm run matrix and tools/smoke-device.ts write it";
  return (await readChecked(file, "verification.schema.json", remedy)) as Verification;
}

async function readChecked(file: string, schema: string, remedy: string): Promise<unknown> {
  const value = await readJson(file, remedy);
  const validate = validatorOf(schema);
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  const where = first?.instancePath === "" ? "the whole" : first?.instancePath;
  throw unreadable(file, `is not what ${schema} says: ${where} ${first?.message}`, remedy);
}

async function readJson(file: string, remedy: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw unreadable(
      file,
      `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy,
    );
  }
}

function validatorOf(name: string): ValidateFunction {
  const folder = join(import.meta.dirname, "schema");
  const ajv = new Ajv2020({ allowUnionTypes: true });
  for (const file of readdirSync(folder))
    ajv.addSchema(JSON.parse(readFileSync(join(folder, file), "utf8")) as object);
  const validate = ajv.getSchema(name);
  if (validate === undefined) throw new Error(`no schema ${name}`);
  return validate;
}

function unreadable(file: string, problem: string, remedy: string): ToolError {
  return new ToolError({ code: "no-report", family: "usage", message: `${file} ${problem}`, remedy });
}
