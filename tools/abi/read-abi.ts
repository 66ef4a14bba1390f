// Reads an ABI model: from a header, a folder of headers, or an abi.json.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { AbiModel } from "../header/model.ts";
import { readHeader } from "../header/read-header.ts";
import { ToolError } from "../shared/errors.ts";

export function readAbi(path: string): AbiModel {
  const absolute = resolve(path);
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found === undefined) throw refused(path, "is not there");
  if (absolute.endsWith(".json")) return readModel(path);
  const folder = found.isDirectory() ? absolute : dirname(absolute);
  const headers = found.isDirectory() ? headersIn(absolute) : [absolute];
  if (headers.length === 0) throw refused(path, "holds no header");
  return parsed({ name: basename(absolute), headers, includeDirectories: [folder, dirname(folder)] });
}

/** A header that is not understood is an input that cannot be read: "breaking" would be another answer. */
function parsed(input: Parameters<typeof readHeader>[0]): AbiModel {
  try {
    return readHeader(input);
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    const { code, message, remedy } = cause;
    throw new ToolError({ code, family: "usage", message, remedy, cause });
  }
}

function headersIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".h"))
    .sort()
    .map((name) => join(folder, name));
}

function readModel(path: string): AbiModel {
  try {
    const model = JSON.parse(readFileSync(path, "utf8")) as Partial<AbiModel>;
    const lists = [model.functions, model.variables, model.constants, model.typedefs, model.callbacks];
    if (model.format === 1 && [...lists, model.enums, model.records, model.opaques].every(Array.isArray))
      return model as AbiModel;
  } catch (cause) {
    throw refused(path, cause instanceof Error ? cause.message : String(cause));
  }
  throw refused(path, "is no ABI model of format 1");
}

function refused(path: string, problem: string): ToolError {
  const remedy = "name a C header, a folder of headers, or an abi.json of this project's generator";
  return new ToolError({ code: "abi-unreadable", family: "usage", message: `${path}: ${problem}`, remedy });
}
