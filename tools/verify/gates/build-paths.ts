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
 * Where the Rust project builds the standard library for Apple: in the debug information of a few assembly files, the
 * same for everyone who uses the toolchain, and nothing of this machine.
 */
const standardLibraryFolder = "/Users/runner/work/rust/rust/";
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
          if (isInStandardLibraryFolder(haystack, offset)) continue;
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

function isInStandardLibraryFolder(haystack: Buffer, offset: number): boolean {
  const reach = standardLibraryFolder.length;
  return haystack.subarray(Math.max(0, offset - reach), offset + reach).includes(standardLibraryFolder);
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
  while (start - step >= 0 && offset - start < longestShown && isPrintable(haystack, start - step, step))
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

function isPrintable(haystack: Buffer, at: number, step: 1 | 2): boolean {
  const byte = haystack[at] ?? 0;
  return byte >= 0x20 && byte < 0x7f && (step === 1 || haystack[at + 1] === 0);
}
