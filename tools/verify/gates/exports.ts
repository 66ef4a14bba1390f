// Gates: a library exports what the header declares, and a shared one nothing else.
import type { ArchiveFacts } from "../../inspect/archive-facts.ts";
import type { ArtifactFacts, Located, ObjectFacts, Place } from "../../inspect/facts.ts";
import { objectsOf, violation, type Gate, type Subject } from "../gate.ts";
import { linkedObjects } from "./file-target.ts";

/** What Node looks for in an addon; the second name is optional. */
const addonEntry = "napi_register_module_v1";
const addonVersion = "node_api_module_get_api_version_v1";

export const dynamicExports: Gate = {
  id: "exports",
  severity: "error",
  title: "the exports are not exactly the header's functions",
  explanation:
    "A missing function fails at the user's link or load. An extra one becomes a promise nobody made, and can take the place of another library's symbol of that name.",
  fix: "generate the export list again (npm run generate) and see that the linker is given it",
  *check(subject) {
    const wanted = wantedExports(subject);
    if (wanted === undefined) return;
    for (const named of linkedObjects(subject)) {
      const exports = exportsOf(named.object);
      const found = new Set(exports.map(({ value }) => value));
      for (const name of wanted.required)
        if (!found.has(name)) yield violation(named, exportTable(named.object), `missing: ${name}`);
      for (const entry of exports)
        if (!wanted.allowed.has(entry.value))
          yield violation(named, entry, `not in the header: ${entry.value}`);
    }
  },
};

export const staticExports: Gate = {
  id: "static-exports",
  severity: "error",
  title: "the archive does not define all of the header's functions",
  explanation:
    "A program that uses the header compiles and then fails at its link. A function must be defined and visible in some member; an archive has other symbols too.",
  fix: "see that the function is exported by the crate that builds the library, and build again",
  *check(subject) {
    if (subject.library.kind !== "static") return;
    const defined = new Set<string>();
    for (const { object } of objectsOf(subject.facts))
      if ("symbols" in object)
        for (const symbol of object.symbols) if (symbol.defined && symbol.visible) defined.add(symbol.name);
    const place: Place = { section: "symbol tables of all members", offset: 0 };
    for (const name of subject.context.functions ?? [])
      if (!defined.has(name)) yield violation({}, place, `not defined: ${name}`);
  },
};

export const archiveIndex: Gate = {
  id: "archive-index",
  severity: "error",
  title: "the archive's index does not list all of the header's functions",
  explanation:
    "Linkers look symbols up in the index and never open a member that it does not name: an archive that was changed without it links as if it were empty.",
  fix: "write the archive with an index (ar s, llvm-ar s)",
  *check({ library, facts: { content }, context }) {
    if (library.kind !== "static" || content.format !== "archive") return;
    const index = new Set(content.index);
    const prefix = symbolPrefix(content);
    for (const name of context.functions ?? [])
      if (!index.has(`${prefix}${name}`))
        yield violation({}, { section: "archive index", offset: 8 }, `not listed: ${name}`);
  },
};

/** Exported names of a linked file; none for an object. */
export function exportsOf(object: ObjectFacts): readonly Located<string>[] {
  switch (object.format) {
    case "elf":
      return object.symbols
        .filter(({ defined, visible }) => defined && visible)
        .map(({ name, offset }) => ({ section: ".dynsym", offset, value: name }));
    case "pe":
    case "macho":
    case "wasm":
      return object.exports;
    case "coff":
    case "coff-import":
      return [];
  }
}

function exportTable(object: ObjectFacts): Place {
  if (object.format === "elf") return object.symbolTable;
  if (object.format === "macho") return object.exportTrie;
  if (object.format === "pe") return object.exportName ?? object.machine;
  return object.machine;
}

/** undefined where nobody said what the library is to export. */
function wantedExports({
  library,
  facts,
  context: { functions },
}: Subject): { required: readonly string[]; allowed: ReadonlySet<string> } | undefined {
  if (functions === undefined) return undefined;
  const required = library.kind === "addon" ? [addonEntry] : functions;
  const unasked = library.kind === "addon" ? [addonVersion] : linkerMade(facts.content);
  return { required, allowed: new Set([...required, ...unasked]) };
}

/** What wasm-ld exports of every module: its memory, and where the program may begin to use it. */
function linkerMade({ format }: ArtifactFacts["content"]): readonly string[] {
  return format === "wasm" ? ["memory", "__data_end", "__heap_base", "__indirect_function_table"] : [];
}

/** What the platform's C compilers put before the name of a function. */
function symbolPrefix({ members }: ArchiveFacts): "" | "_" {
  const first = members.find(({ object }) => object !== undefined)?.object;
  return first?.format === "macho" || (first?.format === "coff" && first.cpu === "i686") ? "_" : "";
}
