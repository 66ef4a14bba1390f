// A folder made once from a recipe (files and commands) and kept in the cache under the recipe's own hash.
import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256Of } from "../shared/digest.ts";
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";

export interface GeneratedFolder {
  /** For people, e.g. "Apple stub SDK". */
  readonly title: string;
  /** Ends in the hash of the recipe, so that a changed recipe is a new folder. */
  readonly directory: string;
  readonly recipe: Recipe;
}

export interface Recipe {
  readonly files: readonly (
    { readonly path: string; readonly content: string } | { readonly path: string; readonly copyOf: string }
  )[];
  /** Run in the folder, so that their arguments can be relative. */
  readonly commands: readonly { readonly program: string; readonly args: readonly string[] }[];
  readonly environment: Readonly<Record<string, string>>;
}

export function generatedFolder(
  title: string,
  parent: string,
  name: string,
  recipe: Recipe,
): GeneratedFolder {
  const hash = sha256Of(JSON.stringify(recipe)).slice(0, 16);
  return { title, directory: join(parent, `${name}-${hash}`), recipe };
}

/** Appears whole or not at all: made beside its place, then renamed. */
export async function makeFolder(
  folder: GeneratedFolder,
  process: Process,
  signal?: AbortSignal,
): Promise<void> {
  if (await exists(folder.directory)) return;
  await mkdir(dirname(folder.directory), { recursive: true });
  const draft = await mkdtemp(`${folder.directory}.draft-`);
  try {
    await writeFiles(draft, folder.recipe);
    await runCommands(draft, folder, process, signal);
    await settle(draft, folder.directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Moves a finished folder to its place; another run that was faster made the same one. */
export async function settle(draft: string, place: string): Promise<void> {
  try {
    await rename(draft, place);
  } catch (error) {
    if (!(await exists(place))) throw error;
  }
}

async function writeFiles(draft: string, recipe: Recipe): Promise<void> {
  for (const file of recipe.files) {
    const path = join(draft, file.path);
    await mkdir(dirname(path), { recursive: true });
    if ("copyOf" in file) await copyFile(file.copyOf, path);
    else await writeFile(path, file.content);
  }
}

async function runCommands(
  draft: string,
  folder: GeneratedFolder,
  process: Process,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const command of folder.recipe.commands) {
    const exit = await process.run(
      { ...command, cwd: draft, env: folder.recipe.environment },
      signal === undefined ? {} : { signal },
    );
    if (exit.code === 0) continue;
    throw new ToolError({
      code: "generated-folder-failed",
      family: "finding",
      message: `${folder.title}: ${command.program} ${command.args.join(" ")} ended with ${exit.code ?? exit.signal}\n${exit.stderr}`,
      remedy: `delete ${dirname(folder.directory)} and run again`,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
