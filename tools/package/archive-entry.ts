// One file of an archive, held in memory so that no folder's umask, owner or clock can reach the bytes.
import { ToolError } from "../shared/errors.ts";

export interface ArchiveEntry {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Mode 0755 instead of 0644. */
  readonly executable: boolean;
}

export function textEntry(path: string, text: string): ArchiveEntry {
  return { path, bytes: new TextEncoder().encode(text), executable: false };
}

/** Entries in byte order of their paths, so that the order of a directory listing cannot reach the archive. */
export function sortEntries(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return [...entries].sort((left, right) => compareBytes(left.path, right.path));
}

/** Refuses names that unpack differently, or elsewhere, on another system. */
export function checkEntries(entries: readonly ArchiveEntry[]): void {
  const seen = new Map<string, string>();
  for (const { path } of entries) {
    const problem = problemOf(path) ?? collision(path, seen);
    if (problem !== undefined) throw badName(path, problem);
    seen.set(path.toLowerCase(), path);
  }
}

function problemOf(path: string): string | undefined {
  if (path === "" || path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is not relative";
  if (path.split("/").some((part) => part === "" || part === "." || part === ".."))
    return "leaves its folder";
  // ustar holds 100 bytes of name after 155 bytes of folder; staying below 100 needs neither pax nor a prefix.
  if (Buffer.byteLength(path) > 100) return "is longer than 100 bytes";
  if (!/^[\x21-\x7e]+$/.test(path) || /[\\:*?"<>|]/.test(path))
    return "has characters that some system refuses";
  return undefined;
}

function collision(path: string, seen: ReadonlyMap<string, string>): string | undefined {
  const other = seen.get(path.toLowerCase());
  return other === undefined ? undefined : `is the same file as ${other} where case does not count`;
}

function badName(path: string, problem: string): ToolError {
  return new ToolError({
    code: "archive-name",
    family: "finding",
    message: `archive entry ${JSON.stringify(path)} ${problem}`,
    remedy: "rename the file, or shorten the project's name or version",
  });
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
