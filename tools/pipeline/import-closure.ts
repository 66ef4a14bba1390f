// The digest of a module and of everything it is made of: when it differs, what the module once found may differ too.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { createHash } from "node:crypto";

/** Folders of tests only; no module reads them in a run. */
const testFolders = new Set(["fixtures", "mutation", "node_modules"]);

/**
 * SHA-256 over the modules that `entries` import, directly or not, with the data files beside them, and over the lock
 * file of the npm packages. Paths count relative to `root`, so that two checkouts agree.
 */
export function closureDigest(entries: readonly string[], root: string): string {
  const texts = new Map<string, Buffer>();
  for (const entry of entries) collectModules(entry, texts);
  for (const folder of new Set([...texts.keys()].map(dirname))) collectData(folder, texts);
  const lock = join(root, "package-lock.json");
  texts.set(lock, readOrEmpty(lock));
  const hash = createHash("sha256");
  for (const path of [...texts.keys()].sort()) {
    const text = texts.get(path) ?? Buffer.alloc(0);
    hash.update(`${relative(root, path)}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex");
}

function collectModules(path: string, texts: Map<string, Buffer>): void {
  if (texts.has(path)) return;
  const text = readOrEmpty(path);
  texts.set(path, text);
  for (const specifier of importsOf(text.toString("utf8")))
    collectModules(join(dirname(path), specifier), texts);
}

/** Relative imports, static and dynamic; what types alone import costs a needless run at most. */
export function importsOf(text: string): string[] {
  const pattern = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;
  return [...text.matchAll(pattern)].map(([, specifier = ""]) => specifier);
}

/** Tables, licence texts, schemas and C sources that modules read at run time. */
function collectData(folder: string, texts: Map<string, Buffer>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!testFolders.has(entry.name)) collectData(path, texts);
    } else if (extname(entry.name) !== ".ts" && !texts.has(path)) texts.set(path, readOrEmpty(path));
  }
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
