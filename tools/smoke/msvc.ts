// Programs out of MSVC archives without Microsoft's SDK: MinGW links them, with a stand-in for what its runtime lacks.
import { join } from "node:path";

export const runtimeSource = join(import.meta.dirname, "msvc/runtime.c");

/** Microsoft's names of system libraries as MinGW's driver takes them; its own C runtime is there already. */
export function mingwWords(words: readonly string[]): string[] {
  return words
    .filter((word) => !/^[/-]defaultlib:/i.test(word) && word !== "legacy_stdio_definitions.lib")
    .map((word) => word.replace(/^(.*)\.lib$/i, "-l$1"));
}
