// Loads the module that describes a project, and refuses one that cannot be one.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ToolError } from "./errors.ts";
import type { Project } from "./project.ts";

/** `file` exports `project`; relative paths are taken from the current folder. */
export async function loadProject(file: string): Promise<Project> {
  const path = resolve(file);
  if (!existsSync(path)) throw unusable(path, "does not exist");
  let module: { readonly project?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { readonly project?: unknown };
  } catch (cause) {
    throw unusable(
      path,
      `cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  if (!isProject(module.project))
    throw unusable(path, "exports no `project` with root, name, crate and headers");
  return module.project;
}

function isProject(value: unknown): value is Project {
  if (typeof value !== "object" || value === null) return false;
  const { root, name, version, crate, headers } = value as Record<string, unknown>;
  const hasTexts = [root, name, version].every((text) => typeof text === "string" && text !== "");
  return hasTexts && [crate, headers].every((part) => typeof part === "object" && part !== null);
}

function unusable(path: string, problem: string, cause?: unknown): ToolError {
  return new ToolError({
    code: "project-unusable",
    family: "usage",
    message: `project file ${path} ${problem}`,
    remedy: "export const project: Project = { ... } as tools/shared/project.ts describes it",
    cause,
  });
}
