// Gate: no library carries a path of the machine that built it.
import type { Gate, Subject, Violation } from "../gate.ts";
import { memberAt } from "./member-at.ts";

/** Folders that stand on build machines only. */
const commonFolders = [
  "/home/",
  "/Users/",
  "C:\\Users\\",
  "/root/",
  "/runner/",
  ".cargo/registry",
  ".cargo\\registry",
  ".rustup/toolchains",
  ".rustup\\toolchains",
];
/**
 * Folders of other people's machines that stand in what they publish, the same for everyone, and nothing of this one:
 * where the Rust project builds the standard library for Apple, and where the objects of the ring crate are assembled
 * for Windows. Both are in the debug information of assembly.
 */
const publishedFolders = ["/Users/runner/work/rust/rust/", "C:\\Users\\b\\p\\ring\\"];
/** A root of this few characters, such as "/x", would match by chance. */
const shortestPath = 5;
const mostReported = 10;
const longestShown = 200;

export const buildPaths: Gate = {
  id: "build-paths",
  severity: "warning",
  title: "the library carries a path of the build machine",
  explanation:
    "Paths in panics and debug information tell users' names and folders, and make two builds in two folders differ.",
  fix: "build with --remap-path-prefix for the project, the home folder and the cargo registry, and C code with -ffile-prefix-map or -g0",
  *check(subject) {
    const found = new Map<number, Violation>();
    const haystack = Buffer.from(subject.bytes.buffer, subject.bytes.byteOffset, subject.bytes.byteLength);
    for (const folder of folders(subject))
      for (const encoding of ["utf8", "utf16le"] as const)
        for (const offset of occurrences(haystack, Buffer.from(folder, encoding))) {
          if (found.size >= mostReported) break;
          if (isPublished(haystack, offset)) continue;
          const text = textAround(haystack, offset, encoding);
          found.set(text.start, {
            section: "content",
            offset: text.start,
            value: text.text,
            ...memberAt(subject.facts, offset),
          });
        }
    yield* found.values();
  },
};

function folders({ context }: Subject): string[] {
  return [...commonFolders, ...context.buildPaths.filter((path) => path.length >= shortestPath)];
}

function isPublished(haystack: Buffer, offset: number): boolean {
  return publishedFolders.some((folder) =>
    haystack.subarray(Math.max(0, offset - folder.length), offset + folder.length).includes(folder),
  );
}

function* occurrences(haystack: Buffer, needle: Buffer): Generator<number, void, void> {
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length))
    yield at;
}

/** The run of printable characters that a match is part of. */
function textAround(
  haystack: Buffer,
  offset: number,
  encoding: "utf8" | "utf16le",
): { start: number; text: string } {
  const step = encoding === "utf8" ? 1 : 2;
  let start = offset;
  while (
    start - step >= 0 &&
    offset - start < longestShown &&
    isPrintable(haystack, start - step, step) &&
    !isBorder(haystack, start, step)
  )
    start -= step;
  let end = offset;
  while (
    end + step <= haystack.length &&
    end - start < longestShown * step &&
    isPrintable(haystack, end, step)
  )
    end += step;
  return { start, text: haystack.subarray(start, end).toString(encoding) };
}

/** Rust's texts stand one behind the other without an end: a drive's letter and what cannot be in a path begin one. */
function isBorder(haystack: Buffer, at: number, step: 1 | 2): boolean {
  const [before, here, next] = [at - step, at, at + step].map((place) =>
    String.fromCharCode(haystack[place] ?? 0),
  );
  const isDrive = /[A-Za-z]/.test(here ?? "") && next === ":" && haystack[at + 2 * step] === 0x5c;
  return isDrive || /[\s'"(),;=<>|`]/.test(before ?? "");
}

function isPrintable(haystack: Buffer, at: number, step: 1 | 2): boolean {
  const byte = haystack[at] ?? 0;
  return byte >= 0x20 && byte < 0x7f && (step === 1 || haystack[at + 1] === 0);
}
