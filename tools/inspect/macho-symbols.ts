// Reads the symbol table of a Mach-O file.
import type { Cursor } from "./cursor.ts";
import type { MachODependency, MachOSymbol } from "./macho-facts.ts";
import { libraryOf } from "./macho-libraries.ts";

const N_STAB = 0xe0;
const N_PEXT = 0x10;
const N_TYPE = 0x0e;
const N_EXT = 0x01;
const N_WEAK_REF = 0x40;
const N_WEAK_DEF = 0x80;

/** Mach-O puts an underscore before C names. */
export function cName(name: string): string {
  return name.startsWith("_") ? name.slice(1) : name;
}

/** External symbols of the table that an LC_SYMTAB command describes; `dependencies` only with two-level names. */
export function readSymbols(
  file: Cursor,
  bits: 32 | 64,
  command: Cursor | undefined,
  dependencies: readonly MachODependency[] | undefined,
): MachOSymbol[] {
  if (command === undefined) return [];
  const strings = file.slice(command.u32(16, "LC_SYMTAB"), command.u32(20, "LC_SYMTAB"), "symbol names");
  const entries = file.records(
    command.u32(8, "LC_SYMTAB"),
    command.u32(12, "LC_SYMTAB"),
    bits === 64 ? 16 : 12,
    "symbol table",
  );
  const symbols: MachOSymbol[] = [];
  for (const entry of entries) {
    const type = entry.u8(4, "symbol type");
    if ((type & N_STAB) !== 0 || (type & N_EXT) === 0) continue;
    // Undefined with a value is a common symbol: the linker defines it.
    const defined = (type & N_TYPE) !== 0 || entry.word(8, bits, "symbol value") !== 0n;
    const description = entry.u16(6, "symbol description");
    const weak = description & (defined ? N_WEAK_DEF : N_WEAK_REF);
    symbols.push({
      name: cName(strings.string(entry.u32(0, "symbol name"), "symbol name")),
      defined,
      binding: weak === 0 ? "global" : "weak",
      visible: (type & N_PEXT) === 0,
      ...(defined || dependencies === undefined
        ? {}
        : { library: libraryOf(dependencies, libraryNumber(description)) }),
      offset: entry.base,
    });
  }
  return symbols;
}

/** The high byte; 0xfe asks for a lookup in all libraries, 0xff for the main program. */
function libraryNumber(description: number): number {
  const number = description >>> 8;
  if (number === 0xfe) return -2;
  return number === 0xff ? -1 : number;
}
