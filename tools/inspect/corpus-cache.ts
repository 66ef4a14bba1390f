// The corpus: packages of other people that ship many platforms, pinned by hash and kept outside the repository.
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import corpus from "./corpus.json" with { type: "json" };
import { sha256Of } from "../shared/digest.ts";
import { ToolError } from "../shared/errors.ts";

/** One file of a package registry. */
export interface CorpusPackage {
  /** Short name by which tests ask for it. */
  readonly id: string;
  readonly registry: "npm" | "pypi" | "maven";
  /** Name as the registry's own client takes it: npm and PyPI names, Maven "group:artifact". */
  readonly package: string;
  readonly version: string;
  /** PyPI: the platform tag to ask for. Maven: the packaging. */
  readonly platform?: string;
  /** Name under which the registry's client stores the file. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Puts everything in place that is missing; the remedy of tests that are skipped without the corpus. */
export const fetchCommand = "npx tsx tools/inspect/corpus.ts --fetch";

export const corpusPackages = corpus as readonly CorpusPackage[];

/** CORPUS_DIR, or a folder in the user's cache. */
export function corpusFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const own = environment["CORPUS_DIR"];
  if (own !== undefined && own !== "") return own;
  const base = environment["XDG_CACHE_HOME"] ?? environment["LOCALAPPDATA"];
  return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "artifact-corpus");
}

/** Where the file of a package lies, whether or not it has been fetched. */
export function corpusPath({ sha256, file }: CorpusPackage): string {
  return join(corpusFolder(), sha256, file);
}

export function packageOf(id: string): CorpusPackage {
  const found = corpusPackages.find((candidate) => candidate.id === id);
  if (found !== undefined) return found;
  throw new ToolError({
    code: "unknown-corpus-package",
    family: "usage",
    message: `the corpus has no package "${id}"`,
    remedy: `name one of: ${corpusPackages.map((candidate) => candidate.id).join(", ")}`,
  });
}

/** The path of a fetched package; undefined where it has not been fetched. */
export function corpusFile(id: string): string | undefined {
  const path = corpusPath(packageOf(id));
  return existsSync(path) ? path : undefined;
}

/** Whether the file in the cache is the one that the list means. */
export async function isIntact(entry: CorpusPackage): Promise<boolean> {
  const path = corpusPath(entry);
  return existsSync(path) && sha256Of(await readFile(path)) === entry.sha256;
}
