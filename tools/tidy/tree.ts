// The tracked files of the checkout, read once, as the tidy rules see them.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Process } from "../shared/process.ts";
import { ToolError } from "../shared/errors.ts";

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Tree {
  readonly files: readonly SourceFile[];
  /** Paths of everything else that git tracks or would track: pictures, archives. */
  readonly others?: readonly string[];
}

/** One broken invariant. */
export interface TidyFinding {
  readonly rule: string;
  readonly path: string;
  /** 1-based; 0 where the whole file is meant. */
  readonly line: number;
  readonly message: string;
}

export interface TidyRule {
  readonly name: string;
  /** The promise in one sentence, as `npm run check` prints it. */
  readonly promise: string;
  check(tree: Tree): TidyFinding[];
}

/** Files larger than this hold data, not sources, and are left out. */
const maximumBytes = 2 * 1024 * 1024;

/** Reads every text file that git tracks or would track. */
export async function readTree(root: string, process: Process): Promise<Tree> {
  const listing = await process.run({
    program: "git",
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  });
  if (listing.code !== 0) {
    throw new ToolError({
      code: "not-a-checkout",
      family: "environment",
      message: `git cannot list the files of ${root}: ${listing.stderr.trim()}`,
      remedy: "run inside a git checkout of this repository",
    });
  }
  const paths = [...new Set(listing.stdout.split("\0"))].filter((path) => path !== "").sort();
  const files = paths.flatMap((path) => readText(root, path));
  const texts = new Set(files.map(({ path }) => path));
  return { files, others: paths.filter((path) => !texts.has(path) && existsSync(join(root, path))) };
}

function readText(root: string, path: string): SourceFile[] {
  const full = join(root, path);
  const status = statSync(full, { throwIfNoEntry: false });
  if (status === undefined || !status.isFile() || status.size > maximumBytes) return [];
  const bytes = readFileSync(full);
  return bytes.includes(0) ? [] : [{ path, text: bytes.toString("utf8") }];
}

/** 1-based numbers of the lines that match. */
export function matchingLines(text: string, pattern: RegExp): number[] {
  return text.split("\n").flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
}
