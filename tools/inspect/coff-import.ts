// Reads members of import libraries: Microsoft's short import objects and the sections of GNU's long form.
import { bitsOfMachine, cName } from "./coff-machine.ts";
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import type { CoffImportParts, CoffSectionFacts, ImportObjectFacts } from "./pe-facts.ts";
import { processorOfCoff } from "./processor.ts";

const shortImportBytes = 20;
const kinds: readonly ImportObjectFacts["kind"][] = ["code", "data", "constant"];
const nameTypes: readonly ImportObjectFacts["nameType"][] = [
  "ordinal",
  "name",
  "no-prefix",
  "undecorated",
  "export-as",
];

/** An anonymous object header, version 0: no object but the description of one import. */
export function isShortImport(unordered: Cursor): boolean {
  const file = unordered.ordered(true);
  if (file.length < shortImportBytes) return false;
  return file.u32(0, "import object") === 0xffff0000 && file.u16(4, "import object") === 0;
}

export function readShortImport(unordered: Cursor): ImportObjectFacts {
  const file = unordered.ordered(true);
  const machine = file.u16(6, "import object machine");
  const names = file.slice(shortImportBytes, file.u32(12, "size of import object"), "import object");
  const symbol = names.string(0, "imported symbol");
  const libraryAt = Buffer.byteLength(symbol) + 1;
  const bits = file.u16(18, "import object type");
  const section = "import object";
  return {
    format: "coff-import",
    cpu: processorOfCoff(machine),
    bits: bitsOfMachine(machine),
    machine: { section: `${section} Machine`, offset: file.base + 6, value: machine },
    timestamp: {
      section: `${section} TimeDateStamp`,
      offset: file.base + 8,
      value: file.u32(8, "time stamp"),
    },
    symbol: { section: `${section} symbol`, offset: names.base, value: cName(symbol, machine) },
    library: {
      section: `${section} DLL name`,
      offset: names.base + libraryAt,
      value: names.string(libraryAt, "imported DLL"),
    },
    kind: kinds[bits & 3] ?? "other",
    nameType: nameTypes[(bits >>> 2) & 7] ?? "other",
    ordinalOrHint: file.u16(16, "import object hint"),
  };
}

/**
 * The long form spreads an import table over objects. `.idata$6` of a function's member holds a two-byte hint and the
 * name; the DLL's name stands in `.idata$7` of the closing member (GNU) or in `.idata$6` of the one that also has the
 * directory entry `.idata$2` (Microsoft, LLVM).
 */
export function readImportParts(
  file: Cursor,
  sections: readonly CoffSectionFacts[],
): CoffImportParts | undefined {
  if (!sections.some(({ name }) => name.startsWith(".idata$"))) return undefined;
  const entry = sections.some(({ name, bytes }) => name === ".idata$2" && bytes > 0);
  const name = sections.find(({ name: candidate }) => candidate === ".idata$6");
  // A member of a function has a relocation there, to the member that opens the table.
  const closing = sections.find(
    ({ name: candidate, relocations, bytes }) => candidate === ".idata$7" && relocations === 0 && bytes > 4,
  );
  return {
    library: textOf(file, closing, 0) ?? (entry ? textOf(file, name, 0) : undefined),
    symbol: entry ? undefined : textOf(file, name, 2),
  };
}

function textOf(
  file: Cursor,
  section: CoffSectionFacts | undefined,
  start: number,
): Located<string> | undefined {
  if (section === undefined || section.bytes <= start) return undefined;
  const content = file.slice(section.fileOffset, section.bytes, section.name);
  const value = content.paddedString(start, content.length - start, section.name);
  return value === "" ? undefined : { section: section.name, offset: content.base + start, value };
}
