// Reads the version and hash of the C ABI out of the project's ABI model.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Project } from "../shared/project.ts";
import type { AbiIdentity } from "./context.ts";

export async function readAbiIdentity(project: Project): Promise<AbiIdentity> {
  const path = join(project.root, project.generated.abiModel);
  let model: unknown;
  try {
    model = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw unreadable(path, "cannot be read as JSON", cause);
  }
  return parseIdentity(model) ?? raise(unreadable(path, "has no version and hash"));
}

function parseIdentity(model: unknown): AbiIdentity | undefined {
  if (typeof model !== "object" || model === null) return undefined;
  const { version, hash } = model as { version?: unknown; hash?: unknown };
  if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
  if (typeof version !== "object" || version === null) return undefined;
  const { major, minor, patch } = version as Record<string, unknown>;
  const parts = [major, minor, patch];
  return parts.every((part) => Number.isSafeInteger(part)) ? { version: parts.join("."), hash } : undefined;
}

function unreadable(path: string, problem: string, cause?: unknown): ToolError {
  const message = `ABI model ${path} ${problem}`;
  return new ToolError({
    code: "abi-model",
    family: "usage",
    message,
    remedy: "run: npm run generate",
    cause,
  });
}

function raise(error: Error): never {
  throw error;
}
