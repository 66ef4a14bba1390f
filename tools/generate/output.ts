// Generated files on disk: written atomically and only if changed, compared by --check, stale ones found by their mark.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { GeneratedFile } from "./emitter.ts";
import { generatedMark } from "./marked.ts";

/** missing, changed: the file on disk differs from `file`; stale: marked as generated, but nothing generates it. */
export type FileState = "same" | "changed" | "missing" | "stale";

export interface Comparison {
  readonly path: string;
  readonly state: FileState;
  /** First line that differs: on disk, and as generated. */
  readonly difference?: { readonly line: number; readonly found: string; readonly expected: string };
}

/** Compares generated files with what is below `root`. */
export function compareFiles(files: readonly GeneratedFile[], root: string): readonly Comparison[] {
  const compared = files.map(({ path, text }): Comparison => {
    const found = readIfPresent(join(root, path));
    if (found === undefined) return { path, state: "missing" };
    return found === text
      ? { path, state: "same" }
      : { path, state: "changed", difference: firstDifference(found, text) };
  });
  const stale = staleFiles(files, root).map((path): Comparison => ({ path, state: "stale" }));
  return [...compared, ...stale];
}

/** Makes the folder equal to `files`: writes what differs, removes what is stale. */
export function writeFiles(
  files: readonly GeneratedFile[],
  root: string,
  comparisons: readonly Comparison[],
): void {
  for (const { path } of files) refuseOutside(path);
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const { path, state } of comparisons) {
    const file = byPath.get(path);
    if (state === "stale") rmSync(join(root, path));
    else if (state !== "same" && file !== undefined) writeAtomically(join(root, path), file.text);
  }
}

function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const message = `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    throw new ToolError({
      code: "output",
      family: "usage",
      message,
      remedy: "choose a folder that can be written to",
      cause: error,
    });
  }
}

function refuseOutside(path: string): void {
  const inside = relative(".", path);
  if (isAbsolute(path) || inside === ".." || inside.startsWith("../")) {
    throw new ToolError({
      code: "output",
      family: "usage",
      message: `${path} lies outside the output folder`,
      remedy: "use relative paths in the project",
    });
  }
}

function staleFiles(files: readonly GeneratedFile[], root: string): string[] {
  const known = new Set(files.map(({ path }) => path));
  const folders = new Set(files.map(({ path }) => dirname(path)));
  return [...folders].flatMap((folder) => {
    return namesIn(join(root, folder))
      .map((name) => join(folder, name).replaceAll("\\", "/"))
      .filter((path) => !known.has(path) && isMarked(join(root, path)));
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

function isMarked(path: string): boolean {
  return readIfPresent(path)?.slice(0, 500).includes(generatedMark) === true;
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function firstDifference(found: string, expected: string): NonNullable<Comparison["difference"]> {
  const left = found.split("\n");
  const right = expected.split("\n");
  const index = left.findIndex((line, at) => line !== right[at]);
  const at = index === -1 ? left.length : index;
  return { line: at + 1, found: left[at] ?? "(end of file)", expected: right[at] ?? "(end of file)" };
}
