// File names that follow from a target: libraries, import libraries, the addon, and the names loaders look for.
import type { Target } from "./target.ts";

export type LibraryFile = "dynamic" | "static" | "import" | "addon";

/** The files that a build of the target yields, in the order in which they are reported. */
export function libraryFiles(target: Target): readonly LibraryFile[] {
  const files: LibraryFile[] = [...target.libraries];
  if (target.format === "pe" && target.libraries.includes("dynamic")) files.push("import");
  if (target.node !== undefined) files.push("addon");
  return files;
}

/** Name of one of these files for a library called `base`, e.g. "libx.so" for "x". */
export function libraryFileName(target: Target, file: LibraryFile, base: string): string {
  if (file === "addon") return `${base}.node`;
  if (target.family === "windows-msvc")
    return { dynamic: `${base}.dll`, static: `${base}.lib`, import: `${base}.dll.lib` }[file];
  if (file === "static") return `lib${base}.a`;
  if (file === "import") return `lib${base}.dll.a`;
  return { elf: `lib${base}.so`, pe: `${base}.dll`, macho: `lib${base}.dylib`, wasm: `${base}.wasm` }[
    target.format
  ];
}

/** What the dynamic linker knows the shared library by; a DLL has no such name but its file name. */
export function loadName(target: Target, base: string): string {
  const fileName = libraryFileName(target, "dynamic", base);
  return target.format === "macho" ? `@rpath/${fileName}` : fileName;
}

/** Environment variables that belong to a project are its name in capitals and a word, e.g. X_CACHE_DIR. */
export function environmentVariable(projectName: string, word: string): string {
  return `${projectName.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase()}_${word}`;
}
