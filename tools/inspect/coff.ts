// Reads COFF object files (also with more than 65279 sections) and the short import objects of import libraries.
import type { Cursor } from "./cursor.ts";
import type { CoffFacts, ImportObjectFacts, Located, Symbol } from "./facts.ts";
import { isCoffMachine, processorOfCoff } from "./processor.ts";

const shortImportBytes = 20;
const externalClass = 2;
const weakExternalClass = 105;

export function bitsOfMachine(machine: number): 32 | 64 {
  return [0x8664, 0xaa64, 0xa641, 0x0200].includes(machine) ? 64 : 32;
}

/** x86 puts an underscore before C names, the other processors do not. */
export function cName(name: string, machine: number): string {
  return machine === 0x014c && name.startsWith("_") ? name.slice(1) : name;
}

/** An anonymous object header, version 0: no object but the description of one import. */
export function isShortImport(file: Cursor): boolean {
  return file.length >= shortImportBytes && signature(file) === 0xffff0000 && version(file) === 0;
}

/** COFF has no magic number: the machine is all there is to go by. */
export function isCoff(file: Cursor): boolean {
  if (file.length < shortImportBytes) return false;
  if (signature(file) === 0xffff0000) return version(file) === 2;
  return isCoffMachine(signature(file) & 0xffff);
}

function signature(file: Cursor): number {
  return file.ordered(true).u32(0, "COFF header");
}

function version(file: Cursor): number {
  return file.ordered(true).u16(4, "COFF header");
}

export function readShortImport(unordered: Cursor): ImportObjectFacts {
  const file = unordered.ordered(true);
  const machine = file.u16(6, "import object machine");
  const names = file.slice(shortImportBytes, file.u32(12, "size of import object"), "import object");
  const symbol = names.string(0, "imported symbol");
  const libraryAt = Buffer.byteLength(symbol) + 1;
  const section = "import object";
  return {
    format: "coff-import",
    cpu: processorOfCoff(machine),
    bits: bitsOfMachine(machine),
    machine: { section: `${section} Machine`, offset: file.base + 6, value: machine },
    symbol: { section: `${section} symbol`, offset: names.base, value: cName(symbol, machine) },
    library: {
      section: `${section} DLL name`,
      offset: names.base + libraryAt,
      value: names.string(libraryAt, "imported DLL"),
    },
  };
}

/** Where the tables of an object are; the two header layouts differ in field widths only. */
interface Layout {
  readonly machineAt: number;
  readonly machine: number;
  readonly sectionCount: number;
  readonly sectionsAt: number;
  readonly symbolsAt: number;
  readonly symbolCount: number;
  readonly symbolBytes: 18 | 20;
}

export function readCoff(unordered: Cursor): CoffFacts {
  const file = unordered.ordered(true);
  const layout = signature(file) === 0xffff0000 ? bigLayout(file) : plainLayout(file);
  const { machine } = layout;
  return {
    format: "coff",
    cpu: processorOfCoff(machine),
    bits: bitsOfMachine(machine),
    machine: { section: "COFF header Machine", offset: file.base + layout.machineAt, value: machine },
    symbols: readSymbols(file, layout),
    directives: readDirectives(file, layout),
  };
}

function plainLayout(file: Cursor): Layout {
  return {
    machineAt: 0,
    machine: file.u16(0, "COFF machine"),
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
    sectionCount: file.u32(44, "COFF section count"),
    sectionsAt: 56,
    symbolsAt: file.u32(48, "COFF symbol table"),
    symbolCount: file.u32(52, "COFF symbol count"),
    symbolBytes: 20,
  };
}

function readSymbols(file: Cursor, layout: Layout): Symbol[] {
  if (layout.symbolsAt === 0) return [];
  const { symbolBytes, machine } = layout;
  const wide = symbolBytes === 20;
  const tableBytes = layout.symbolCount * symbolBytes;
  // The string table follows the symbols; its first four bytes are its size.
  const strings = file.from(layout.symbolsAt + tableBytes, "COFF string table");
  const symbols: Symbol[] = [];
  let auxiliary = 0;
  for (const entry of file.records(layout.symbolsAt, layout.symbolCount, symbolBytes, "COFF symbols")) {
    if (auxiliary > 0) {
      auxiliary -= 1;
      continue;
    }
    auxiliary = entry.u8(symbolBytes - 1, "auxiliary symbol count");
    const storage = entry.u8(symbolBytes - 2, "symbol storage class");
    if (storage !== externalClass && storage !== weakExternalClass) continue;
    const section = wide ? entry.u32(12, "symbol section") : entry.u16(12, "symbol section");
    // Undefined with a value is a common symbol: the linker defines it.
    const defined = section !== 0 || (storage === externalClass && entry.u32(8, "symbol value") !== 0);
    symbols.push({
      name: cName(nameOf(entry, strings), machine),
      defined,
      binding: storage === weakExternalClass ? "weak" : "global",
      visible: true,
      offset: entry.base,
    });
  }
  return symbols;
}

function nameOf(entry: Cursor, strings: Cursor): string {
  const inTable = entry.u32(0, "symbol name") === 0;
  return inTable
    ? strings.string(entry.u32(4, "symbol name offset"), "symbol name")
    : entry.paddedString(0, 8, "symbol name");
}

function readDirectives(file: Cursor, layout: Layout): Located<string>[] {
  const directives: Located<string>[] = [];
  for (const section of file.records(layout.sectionsAt, layout.sectionCount, 40, "COFF sections")) {
    if (section.paddedString(0, 8, "section name") !== ".drectve") continue;
    const bytes = section.u32(16, "size of .drectve");
    const at = section.u32(20, "offset of .drectve");
    const text = file.paddedString(at, bytes, ".drectve");
    for (const value of text.split(/\s+/).filter((word) => word !== ""))
      directives.push({ section: ".drectve", offset: file.base + at, value });
  }
  return directives;
}
