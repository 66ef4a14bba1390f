// Gate: the static libraries of a package can be linked into one program.
import { objectsOfFormat } from "../gate.ts";
import {
  entryViolation,
  type PackagedLibrary,
  type PackageGate,
  type PackageViolation,
} from "../package-unit.ts";

export const duplicateSymbols: PackageGate = {
  id: "duplicate-symbols",
  severity: "warning",
  title: "two static libraries of one platform define the same functions",
  explanation:
    "A program that links both fails with duplicate symbols, or takes one of the two without a word: one product in two variants cannot be used together.",
  fix: "ship one archive, or give each variant's functions their own prefix",
  *check(unit) {
    const archives = unit.libraries.filter(({ library }) => library.kind === "static");
    for (const [index, second] of archives.entries())
      for (const first of archives.slice(0, index)) yield* sharedDefinitions(first, second);
  },
};

function* sharedDefinitions(
  first: PackagedLibrary,
  second: PackagedLibrary,
): Generator<PackageViolation, void, void> {
  const [left, right] = [cDefinitions(first), cDefinitions(second)];
  if (left.place !== right.place || first.entry.sha256 === second.entry.sha256) return;
  const shared = [...right.names].filter((name) => left.names.has(name));
  const [name] = shared;
  if (name !== undefined)
    yield entryViolation(
      second.entry,
      "symbol tables of all members",
      `${name}${shared.length === 1 ? "" : ` and ${shared.length - 1} more`}, also in ${first.entry.path}`,
    );
}

/** Strong functions with C names, hidden ones too: they are hidden from other libraries, not from a link. Names with an underscore are the compiler's, and may be there twice. */
function cDefinitions({ facts }: PackagedLibrary): { names: Set<string>; place: string } {
  const names = new Set<string>();
  let place = "";
  for (const format of ["elf", "coff", "macho"] as const)
    for (const { object } of objectsOfFormat(facts, format)) {
      place ||= `${format} ${object.cpu} ${object.format === "macho" ? object.platform.value : ""}`;
      for (const symbol of object.symbols)
        if (symbol.defined && symbol.binding === "global" && isPlainC(symbol.name)) names.add(symbol.name);
    }
  return { names, place };
}

function isPlainC(name: string): boolean {
  return !/^(_|\?|rust_|anon\.|\.|@)/.test(name);
}
