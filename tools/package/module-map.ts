// The module map that lets Swift import the C headers, and links what the static library needs besides.
import { posix } from "node:path";
import type { Project } from "../shared/project.ts";
import { textEntry, type ArchiveEntry } from "./archive-entry.ts";
import { privateLinkWords } from "./layout.ts";

/**
 * Beside the umbrella header, in its folder of the same name as the module: two frameworks with a module map at the top
 * of their headers cannot be used in one Xcode project.
 */
export function moduleMap(project: Project, nativeStaticLibraries: readonly string[]): ArchiveEntry {
  const [umbrella = ""] = project.headers.files;
  const lines = [
    `module ${moduleName(project)} {`,
    `  header "${posix.basename(umbrella)}"`,
    "  export *",
    ...linkedLibraries(nativeStaticLibraries),
    "}",
    "",
  ];
  return textEntry(posix.join(posix.dirname(umbrella), "module.modulemap"), lines.join("\n"));
}

/** Clang finds a module in the folder that is called like it. */
export function moduleName(project: Project): string {
  const [umbrella = ""] = project.headers.files;
  const folder = posix.dirname(umbrella);
  return folder === "." ? project.crate.library : posix.basename(folder);
}

/** Every program on Apple's systems links these already. */
const alwaysLinked = new Set(["-lSystem", "-lc", "-lm"]);

function linkedLibraries(nativeStaticLibraries: readonly string[]): string[] {
  const words = privateLinkWords(nativeStaticLibraries);
  const lines = words.flatMap((word, index) => {
    if (word === "-framework") return [`  link framework "${words[index + 1] ?? ""}"`];
    return word.startsWith("-l") && !alwaysLinked.has(word) ? [`  link "${word.slice(2)}"`] : [];
  });
  return [...new Set(lines)];
}
