// Gates: a WebAssembly module can be instantiated by those it was made for.
import { objectsOfFormat, violation, type Gate } from "../gate.ts";

export const wasmImports: Gate = {
  id: "wasm-imports",
  severity: "error",
  title: "the module imports C functions that nobody defined",
  explanation:
    'A linker told to allow undefined symbols makes imports from "env" of whatever it did not find: instantiation fails with "function import requires a callable".',
  fix: "link without --allow-undefined, and see which C library the function belongs to",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "wasm")) {
      if (named.object.relocatable || named.object.kind !== "module") continue;
      for (const entry of named.object.imports)
        if (entry.module === "env" && entry.kind === "function" && cLibrary.has(entry.name))
          yield violation(named, entry, `env.${entry.name}`);
    }
  },
};

/** Functions that no host gives a module on purpose. */
const cLibrary: ReadonlySet<string> = new Set([
  "abort_message",
  "calloc",
  "free",
  "malloc",
  "memcmp",
  "memcpy",
  "memmove",
  "memset",
  "printf",
  "realloc",
  "strlen",
  "__stack_chk_fail",
  "__cxa_throw",
]);

export const wasmRelocatable: Gate = {
  id: "wasm-relocatable",
  severity: "error",
  title: "the module is an object for the linker",
  explanation: "It has relocations instead of addresses: engines refuse it, or run it into the wrong memory.",
  fix: "ship what wasm-ld writes, not what the compiler does",
  *check({ facts, library }) {
    if (library.kind === "static" || library.kind === "object") return;
    for (const named of objectsOfFormat(facts, "wasm"))
      if (named.object.relocatable)
        yield violation(named, named.object.sections.at(-1) ?? named.object.version, "a linking section");
  },
};
