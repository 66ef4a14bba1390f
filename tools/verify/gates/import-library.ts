// Gates: a DLL has an import library, which names it and the same functions.
import type { Place } from "../../inspect/facts.ts";
import { objectsOfFormat, violation, type Gate, type Subject } from "../gate.ts";
import { fileNamesOf } from "../sibling-index.ts";

const members: Place = { section: "import objects", offset: 0 };

export const importLibraryMissing: Gate = {
  id: "import-library-missing",
  severity: "error",
  title: "the DLL has no import library beside it",
  explanation:
    "Without one, C programs on Windows cannot be linked with the DLL; they can only load it by hand.",
  fix: "link with -Wl,--out-implib (MSVC: /IMPLIB:) and collect that file too",
  *check({ policy, library, siblings }) {
    const isDll = policy.strict && policy.format === "pe" && library.kind === "dynamic";
    if (isDll && fileNamesOf(siblings, "import").size === 0)
      yield violation({}, { section: "artifact", offset: 0 }, "no import library");
  },
};

export const importLibraryDll: Gate = {
  id: "import-library-dll",
  severity: "error",
  title: "the import library names another DLL",
  explanation:
    "A program linked with it asks the loader for that other file and does not start. This happens when a DLL is renamed after its link.",
  fix: "link the DLL under the name that it ships with; never rename it afterwards",
  *check(subject) {
    if (!hasDll(subject)) return;
    for (const named of objectsOfFormat(subject.facts, "coff-import"))
      if (!isDllBeside(subject, named.object.library.value))
        yield violation(named, named.object.library, named.object.library.value);
  },
};

export const importLibrarySymbols: Gate = {
  id: "import-library-symbols",
  severity: "error",
  title: "the import library does not offer exactly the header's functions",
  explanation:
    "A function that only the DLL has cannot be linked; one that only the import library has fails at load.",
  fix: "let the linker that writes the DLL write its import library too",
  *check(subject) {
    const { functions } = subject.context;
    if (functions === undefined || !hasDll(subject)) return;
    const objects = objectsOfFormat(subject.facts, "coff-import");
    const offered = new Set(objects.map(({ object }) => object.symbol.value));
    const wanted = new Set(functions);
    for (const name of wanted) if (!offered.has(name)) yield violation({}, members, `missing: ${name}`);
    for (const named of objects)
      if (!wanted.has(named.object.symbol.value))
        yield violation(named, named.object.symbol, `not in the header: ${named.object.symbol.value}`);
  },
};

/** Whether DLLs stand beside an import library; a library of Python or Node may have one too. */
function hasDll({ library, siblings, policy }: Subject): boolean {
  if (library.kind !== "import") return false;
  return (
    fileNamesOf(siblings, "dynamic").size > 0 || (!policy.strict && fileNamesOf(siblings, "addon").size > 0)
  );
}

function isDllBeside({ siblings, policy }: Subject, name: string): boolean {
  return (
    fileNamesOf(siblings, "dynamic").has(name) || (!policy.strict && fileNamesOf(siblings, "addon").has(name))
  );
}
