// Of which commit and on which machine a recorded run was, for the pages that keep the last run of each of their rows.
import { availableParallelism, cpus } from "node:os";
import { ToolError } from "./errors.ts";
import type { Process } from "./process.ts";

export interface Circumstances {
  readonly commit: string;
  /** Whether files differed from the commit. */
  readonly changed: boolean;
  readonly machine: string;
  readonly date: string;
}

/** What is so at this moment; `records` are the files that such runs write, which are no changes of what is run. */
export async function circumstancesOf(
  root: string,
  process: Process,
  records: readonly string[],
): Promise<Circumstances> {
  const git = async (...args: string[]): Promise<string> => {
    const exit = await process.run({ program: "git", args, cwd: root });
    return exit.stdout.trim();
  };
  const code = [".", ...records.map((path) => `:!${path}`)];
  const changes = await git("status", "--porcelain", "--untracked-files=no", "--", ...code);
  return {
    commit: (await git("rev-parse", "--short=12", "HEAD")) || "unknown",
    changed: changes !== "",
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${globalThis.process.versions.node}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** A commit as a page names it. */
export function commitText({ commit, changed }: Circumstances): string {
  return `${commit}${changed ? " with changes on top" : ""}`;
}

/** The different ones of `texts` in the order of their first place, as a numbered list, and the number of each. */
export function numbered(texts: readonly string[]): { list: string[]; numberOf(text: string): number } {
  const different = [...new Set(texts)];
  return {
    list: different.map((text, index) => `${index + 1}. ${text}`),
    numberOf: (text) => different.indexOf(text) + 1,
  };
}

/** Reads the rows that a run recorded at `path`; `isRow` says of each whether it is one. */
export function parseRows<Row>(text: string, path: string, isRow: (value: unknown) => value is Row): Row[] {
  const value = jsonOf(text);
  if (Array.isArray(value) && value.every(isRow)) return value;
  throw new ToolError({
    code: "record-unreadable",
    family: "usage",
    message: `${path} is not a record of runs`,
    remedy: `git checkout ${path}`,
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
