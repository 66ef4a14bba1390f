// Reads COFF object files, also with more than 65279 sections (bigobj).
import { readImportParts } from "./coff-import.ts";
import { bitsOfMachine, cName } from "./coff-machine.ts";
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import type { CoffFacts, CoffSectionFacts, CoffSymbol } from "./pe-facts.ts";
import { isCoffMachine, processorOfCoff } from "./processor.ts";

const externalClass = 2;
const staticClass = 3;
const weakExternalClass = 105;
const IMAGE_SCN_LNK_NRELOC_OVFL = 0x01000000;
/** The absolute symbol whose value says what the object was compiled for. */
const featuresName = "@feat.00";

/** COFF has no magic number: the machine is all there is to go by. */
export function isCoff(unordered: Cursor): boolean {
  const file = unordered.ordered(true);
  if (file.length < 20) return false;
  if (isAnonymous(file)) return file.u16(4, "COFF header") === 2;
  return isCoffMachine(file.u16(0, "COFF header"));
}

function isAnonymous(file: Cursor): boolean {
  return file.u32(0, "COFF header") === 0xffff0000;
}

/** Where the tables of an object are; the two header layouts differ in field widths only. */
interface Layout {
  readonly machineAt: number;
  readonly machine: number;
  readonly timestampAt: number;
  readonly sectionCount: number;
  readonly sectionsAt: number;
  readonly symbolsAt: number;
  readonly symbolCount: number;
  readonly symbolBytes: 18 | 20;
}

export function readCoff(unordered: Cursor): CoffFacts {
  const file = unordered.ordered(true);
  const layout = isAnonymous(file) ? bigLayout(file) : plainLayout(file);
  const { machine, timestampAt } = layout;
  const strings = stringTable(file, layout);
  const sections = readSections(file, layout, strings);
  return {
    format: "coff",
    cpu: processorOfCoff(machine),
    bits: bitsOfMachine(machine),
    machine: { section: "COFF header Machine", offset: file.base + layout.machineAt, value: machine },
    timestamp: {
      section: "COFF header TimeDateStamp",
      offset: file.base + timestampAt,
      value: file.u32(timestampAt, "time stamp"),
    },
    sections,
    ...readSymbols(file, layout, strings, sections),
    directives: readDirectives(file, sections),
    importParts: readImportParts(file, sections),
  };
}

function plainLayout(file: Cursor): Layout {
  return {
    machineAt: 0,
    machine: file.u16(0, "COFF machine"),
    timestampAt: 4,
    sectionCount: file.u16(2, "COFF section count"),
    sectionsAt: 20 + file.u16(16, "size of optional header"),
    symbolsAt: file.u32(8, "COFF symbol table"),
    symbolCount: file.u32(12, "COFF symbol count"),
    symbolBytes: 18,
  };
}

function bigLayout(file: Cursor): Layout {
  return {
    machineAt: 6,
    machine: file.u16(6, "COFF machine"),
    timestampAt: 8,
    sectionCount: file.u32(44, "COFF section count"),
    sectionsAt: 56,
    symbolsAt: file.u32(48, "COFF symbol table"),
    symbolCount: file.u32(52, "COFF symbol count"),
    symbolBytes: 20,
  };
}

/** The string table follows the symbols; its first four bytes are its size. */
function stringTable(file: Cursor, layout: Layout): Cursor | undefined {
  if (layout.symbolsAt === 0) return undefined;
  return file.from(layout.symbolsAt + layout.symbolCount * layout.symbolBytes, "COFF string table");
}

function readSections(file: Cursor, layout: Layout, strings: Cursor | undefined): CoffSectionFacts[] {
  const headers = file.records(layout.sectionsAt, layout.sectionCount, 40, "COFF sections");
  return [...headers].map((header, index) => {
    const flags = header.u32(36, "section flags");
    return {
      section: `section header ${index + 1}`,
      offset: header.base,
      name: sectionName(header, strings),
      flags,
      bytes: header.u32(16, "section size"),
      fileOffset: header.u32(20, "section offset"),
      relocations: relocationCount(file, header, flags),
    };
  });
}

/** A name of more than eight bytes is "/" and its place in the string table. */
function sectionName(header: Cursor, strings: Cursor | undefined): string {
  const name = header.paddedString(0, 8, "section name");
  const reference = /^\/(\d+)$/.exec(name)?.[1];
  return reference === undefined || strings === undefined
    ? name
    : strings.string(Number(reference), "section name");
}

/** A count that does not fit in 16 bits stands in the first relocation. */
function relocationCount(file: Cursor, header: Cursor, flags: number): number {
  const count = header.u16(32, "relocation count");
  if (count !== 0xffff || (flags & IMAGE_SCN_LNK_NRELOC_OVFL) === 0) return count;
  return file.u32(header.u32(24, "relocations"), "relocation count") - 1;
}

function readSymbols(
  file: Cursor,
  layout: Layout,
  strings: Cursor | undefined,
  sections: readonly CoffSectionFacts[],
): Pick<CoffFacts, "symbols" | "features"> {
  const symbols: CoffSymbol[] = [];
  let features: Located<number> | undefined;
  if (strings === undefined) return { symbols, features };
  const { symbolBytes } = layout;
  let auxiliary = 0;
  for (const entry of file.records(layout.symbolsAt, layout.symbolCount, symbolBytes, "COFF symbols")) {
    if (auxiliary > 0) {
      auxiliary -= 1;
      continue;
    }
    auxiliary = entry.u8(symbolBytes - 1, "auxiliary symbol count");
    const storage = entry.u8(symbolBytes - 2, "symbol storage class");
    if (storage === externalClass || storage === weakExternalClass)
      symbols.push(readSymbol(entry, layout, strings, sections, storage === weakExternalClass));
    else if (storage === staticClass && entry.startsWith(featuresName))
      features = { section: featuresName, offset: entry.base + 8, value: entry.u32(8, featuresName) };
  }
  return { symbols, features };
}

function readSymbol(
  entry: Cursor,
  { symbolBytes, machine }: Layout,
  strings: Cursor,
  sections: readonly CoffSectionFacts[],
  weak: boolean,
): CoffSymbol {
  const number = symbolBytes === 20 ? entry.u32(12, "symbol section") : entry.u16(12, "symbol section");
  const definedIn = number === 0 ? undefined : sections[number - 1]?.name;
  return {
    name: cName(nameOf(entry, strings), machine),
    // Undefined with a value is a common symbol: the linker defines it.
    defined: number !== 0 || (!weak && entry.u32(8, "symbol value") !== 0),
    binding: weak ? "weak" : "global",
    visible: true,
    ...(definedIn === undefined ? {} : { definedIn }),
    offset: entry.base,
  };
}

function nameOf(entry: Cursor, strings: Cursor): string {
  const inTable = entry.u32(0, "symbol name") === 0;
  return inTable
    ? strings.string(entry.u32(4, "symbol name offset"), "symbol name")
    : entry.paddedString(0, 8, "symbol name");
}

function readDirectives(file: Cursor, sections: readonly CoffSectionFacts[]): Located<string>[] {
  return sections.flatMap(({ name, fileOffset, bytes }) => {
    if (name !== ".drectve") return [];
    const words = file.paddedString(fileOffset, bytes, ".drectve").split(/\s+/);
    return words
      .filter((word) => word !== "")
      .map((value) => ({ section: ".drectve", offset: file.base + fileOffset, value }));
  });
}
