// Programs out of MSVC archives: the system libraries as Unix-like drivers name them, and what MinGW's runtime lacks.
import { join } from "node:path";

/** For MinGW, where Microsoft's SDK is absent. */
export const mingwRuntime = join(import.meta.dirname, "msvc/runtime.c");

/** "x.lib" as "-lx"; the C runtime is the driver's own affair. */
export function unixNames(words: readonly string[]): string[] {
  return words
    .filter((word) => !/^[/-]defaultlib:/i.test(word) && word !== "legacy_stdio_definitions.lib")
    .map((word) => word.replace(/^(.*)\.lib$/i, "-l$1"));
}
