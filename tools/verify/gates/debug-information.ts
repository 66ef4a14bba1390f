// Gate: debug information goes beside a library, not inside it.
import type { ObjectFacts, Place } from "../../inspect/facts.ts";
import { objectsOf, violation, type Gate } from "../gate.ts";

export const debugInformation: Gate = {
  id: "debug-information",
  severity: "warning",
  title: "the library ships its debug information",
  explanation:
    "It is often ten times the code, every user downloads it, and it names the files and folders of the build.",
  fix: "strip the library (strip --strip-debug, -C strip=debuginfo) and keep the debug information as a separate file with the same build id",
  *check({ facts, library }) {
    // Whoever links a static library may want to debug it.
    if (library.kind === "static" || library.kind === "object" || library.kind === "import") return;
    for (const named of objectsOf(facts)) {
      const found = debugPlace(named.object);
      if (found !== undefined) yield violation(named, found, found.value);
    }
  },
};

function debugPlace(object: ObjectFacts): (Place & { readonly value: string }) | undefined {
  const isDebug = ({ name }: { readonly name: string | undefined }): boolean =>
    /^\.z?debug_|^__debug_/.test(name ?? "") && name !== ".debug_gdb_scripts";
  const sections = sectionsOf(object);
  const found = sections.find(isDebug);
  if (found === undefined) return undefined;
  const count = sections.filter(isDebug).length;
  return {
    section: found.section,
    offset: found.offset,
    value: `${found.name ?? ""}, ${count} sections in all`,
  };
}

function sectionsOf(object: ObjectFacts): readonly (Place & { readonly name: string | undefined })[] {
  switch (object.format) {
    case "elf":
    case "pe":
    case "wasm":
      return object.sections;
    case "macho":
      return object.segments.flatMap(({ sections }) => sections);
    case "coff":
    case "coff-import":
      return [];
  }
}
