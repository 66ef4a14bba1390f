// Walks a folder as if it were an archive: links are shown and not followed, devices are shown and not opened.
import type { Dirent } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { refuseLarge } from "./byte-source.ts";
import type { Limits } from "./limits.ts";
import { flaw, Unreadable, type Stored, type StoredEntry } from "./stored-entry.ts";

/** Names are relative to the folder, with forward slashes, in the order of their code units. */
export async function* readDirectory(root: string, limits: Limits): AsyncGenerator<Stored, void, void> {
  yield* walk(root, "", limits);
}

async function* walk(root: string, below: string, limits: Limits): AsyncGenerator<Stored, void, void> {
  const children = await list(join(root, below));
  if (!Array.isArray(children)) {
    yield flaw("unreadable", 0, children.problem, below);
    return;
  }
  for (const child of children) {
    const name = below === "" ? child.name : `${below}/${child.name}`;
    const entry = await readEntry(root, name, limits);
    yield entry;
    if (entry.type === "entry" && entry.kind === "directory") yield* walk(root, name, limits);
  }
}

async function list(path: string): Promise<Dirent[] | { problem: string }> {
  try {
    const children = await readdir(path, { withFileTypes: true });
    return children.sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

async function readEntry(root: string, name: string, limits: Limits): Promise<Stored> {
  const path = join(root, name);
  try {
    const facts = await lstat(path);
    const kind = kindOf(facts);
    return {
      type: "entry",
      name,
      kind,
      bytes: kind === "file" ? facts.size : 0,
      offset: 0,
      mode: facts.mode & 0o7777,
      modified: Math.floor(facts.mtimeMs / 1000),
      owner: facts.uid,
      group: facts.gid,
      linkTarget: kind === "symlink" ? await readlink(path) : undefined,
      stored: undefined,
      read: async () => {
        refuseLarge(facts.size, limits.memberBytes, 0, name);
        return kind === "file" ? await content(path) : new Uint8Array(0);
      },
    };
  } catch (error) {
    return flaw("unreadable", 0, messageOf(error), name);
  }
}

/** One file that may not be read, or is gone by now, does not end the walk. */
async function content(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Unreadable("unreadable", 0, messageOf(error));
  }
}

function kindOf(facts: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): StoredEntry["kind"] {
  if (facts.isFile()) return "file";
  if (facts.isDirectory()) return "directory";
  return facts.isSymbolicLink() ? "symlink" : "device";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
