// What a shared library says about itself, in the spelling of the program that links it.
import type { Target } from "../matrix/target.ts";
import { loadName } from "../matrix/names.ts";
import type { LinkDialect } from "../toolchain/toolchain.ts";

/** A library with threads of its own must never be unmapped: their code would go away under them. */
const elfOptions = ["nodelete", "relro", "now", "defs"] as const;

/** Arguments for the link of the shared library called `base`. */
export function linkArguments(target: Target, dialect: LinkDialect, base: string): string[] {
  if (target.format === "wasm" || !target.libraries.includes("dynamic")) return [];
  if (target.format === "elf") return elfArguments(target, dialect, loadName(target, base));
  if (target.format === "macho") return machoArguments(dialect, loadName(target, base));
  // rustc itself names the import library so that it does not overwrite the static one.
  if (dialect === "msvc") return ["/Brepro"];
  return reproduciblePe;
}

/** The time stamp becomes a hash of the content. */
export const reproduciblePe = ["-Wl,-Brepro"];

/** Also for other shared objects of the same target, with or without a name for the loader. */
export function elfArguments(target: Target, dialect: LinkDialect, soname: string | undefined): string[] {
  const options = [...elfOptions, ...(target.family === "android" ? androidPages : [])];
  const name = soname === undefined ? [] : [["-soname", soname]];
  const words = [...name, ...options.map((option) => ["-z", option]), ["--build-id=none"]];
  return dialect === "gnu-ld" ? words.flat() : words.map((word) => `-Wl,${word.join(",")}`);
}

/** Google Play wants 16 KB; the common page size moves the end of RELRO onto such a boundary too. */
const androidPages = ["max-page-size=16384", "common-page-size=16384"];

export function machoArguments(dialect: LinkDialect, installName: string | undefined): string[] {
  const name = installName === undefined ? [] : [["-install_name", installName]];
  // Room for a longer install name, which users' tools write into the header.
  const words = [...name, ["-headerpad_max_install_names"], ["-S"]];
  return dialect === "darwin-ld" ? words.flat() : words.map((word) => `-Wl,${word.join(",")}`);
}
