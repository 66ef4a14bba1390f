// Reads which symbols dyld binds in a Mach-O file: chained fixups, or the opcodes of LC_DYLD_INFO before them.
import type { Cursor } from "./cursor.ts";
import { sleb64, uleb, uleb64 } from "./leb128.ts";
import type { MachOBinding, MachODependency, MachOFixups } from "./macho-facts.ts";
import { libraryOf } from "./macho-libraries.ts";
import { cName } from "./macho-symbols.ts";

export function readFixups(
  file: Cursor,
  chained: Cursor | undefined,
  info: Cursor | undefined,
  dependencies: readonly MachODependency[],
): MachOFixups {
  const found = new Bindings(dependencies);
  if (chained !== undefined) {
    const bytes = chained.u32(12, "LC_DYLD_CHAINED_FIXUPS");
    const table = file.slice(chained.u32(8, "LC_DYLD_CHAINED_FIXUPS"), bytes, "chained fixups");
    if (bytes > 0) readChainedImports(table, found);
    return { kind: "chained", section: "chained fixups", offset: table.base, bindings: found.all() };
  }
  if (info === undefined) return { kind: "none", section: "Mach-O header", offset: file.base, bindings: [] };
  for (const [at, name] of bindTables)
    readBindOpcodes(file.slice(info.u32(at, name), info.u32(at + 4, name), name), name, found);
  return { kind: "dyld-info", section: "LC_DYLD_INFO", offset: info.base, bindings: found.all() };
}

/** Places of offset and size in LC_DYLD_INFO; the tables for rebasing (8) and for exports (40) are others. */
const bindTables = [
  [16, "binding opcodes"],
  [24, "weak binding opcodes"],
  [32, "lazy binding opcodes"],
] as const;

/** Work for a binding's own facts. */
const perBinding = 48;

/** Symbols are bound in many places; each is listed once. */
class Bindings {
  private readonly dependencies: readonly MachODependency[];
  private readonly byKey = new Map<string, MachOBinding>();

  constructor(dependencies: readonly MachODependency[]) {
    this.dependencies = dependencies;
  }

  add(part: Cursor, symbol: string, ordinal: number, weak: boolean): void {
    // Comparing a name costs its length, however often it is bound.
    part.spend(symbol.length, 0, "bound symbol");
    const key = `${ordinal} ${weak} ${symbol}`;
    if (this.byKey.has(key)) return;
    part.spend(perBinding, 0, "bound symbol");
    const library = libraryOf(this.dependencies, ordinal);
    this.byKey.set(key, { symbol: cName(symbol), library, weak });
  }

  all(): MachOBinding[] {
    return [...this.byKey.values()];
  }
}

/** Sizes of an import by its format: without addend, with one of 32 bits, with one of 64 bits. */
const importBytes: Readonly<Record<number, number>> = { 1: 4, 2: 8, 3: 16 };

function readChainedImports(table: Cursor, found: Bindings): void {
  const importsAt = table.u32(8, "chained fixups header");
  const count = table.u32(16, "chained fixups header");
  const format = table.u32(20, "chained fixups header");
  const size = importBytes[format];
  if (size === undefined) throw table.malformed(20, `chained fixups: unknown import format ${format}`);
  if (table.u32(24, "chained fixups header") !== 0)
    throw table.malformed(24, "chained fixups: the names are compressed");
  const names = table.from(table.u32(12, "chained fixups header"), "names of chained imports");
  for (const entry of table.records(importsAt, count, size, "chained imports")) {
    const { ordinal, weak, name } = format === 3 ? wideImport(entry) : plainImport(entry);
    found.add(table, names.string(name, "name of chained import"), ordinal, weak);
  }
}

interface ChainedImport {
  readonly ordinal: number;
  readonly weak: boolean;
  readonly name: number;
}

/** 8 bits library, 1 bit weak, 23 bits name; numbers above 0xf0 are the special ones. */
function plainImport(entry: Cursor): ChainedImport {
  const word = entry.u32(0, "chained import");
  const library = word & 0xff;
  return {
    ordinal: library > 0xf0 ? library - 0x100 : library,
    weak: (word & 0x100) !== 0,
    name: word >>> 9,
  };
}

/** 16 bits library, 1 bit weak, 15 unused, 32 bits name. */
function wideImport(entry: Cursor): ChainedImport {
  const word = entry.u32(0, "chained import");
  const library = word & 0xffff;
  return {
    ordinal: library > 0xfff0 ? library - 0x10000 : library,
    weak: (word & 0x10000) !== 0,
    name: entry.u32(4, "chained import"),
  };
}

/** High half of an opcode; the low half is a small number. See BIND_OPCODE_ of <mach-o/loader.h>. */
const opcode = {
  done: 0x00,
  ordinalImmediate: 0x10,
  ordinalUleb: 0x20,
  ordinalSpecial: 0x30,
  symbol: 0x40,
  type: 0x50,
  addend: 0x60,
  segmentOffset: 0x70,
  addAddress: 0x80,
  bind: 0x90,
  bindAddUleb: 0xa0,
  bindAddScaled: 0xb0,
  bindTimes: 0xc0,
  threaded: 0xd0,
} as const;
const weakImport = 1;

function readBindOpcodes(table: Cursor, what: string, found: Bindings): void {
  let ordinal = 0;
  let symbol = "";
  let weak = false;
  let at = 0;
  while (at < table.length) {
    const byte = table.u8(at, what);
    const low = byte & 0x0f;
    at += 1;
    switch (byte & 0xf0) {
      // Ends one symbol of the lazy table and pads the others.
      case opcode.done:
      case opcode.type:
        break;
      case opcode.ordinalImmediate:
        ordinal = low;
        break;
      case opcode.ordinalUleb:
        ({ value: ordinal, end: at } = uleb(table, at, what));
        break;
      case opcode.ordinalSpecial:
        ordinal = low === 0 ? 0 : low - 0x10;
        break;
      case opcode.symbol:
        symbol = table.string(at, what);
        weak = (low & weakImport) !== 0;
        at += Buffer.byteLength(symbol) + 1;
        break;
      case opcode.addend:
        at = sleb64(table, at, what).end;
        break;
      case opcode.segmentOffset:
      case opcode.addAddress:
        at = uleb64(table, at, what).end;
        break;
      case opcode.bind:
      case opcode.bindAddScaled:
        found.add(table, symbol, ordinal, weak);
        break;
      case opcode.bindAddUleb:
        found.add(table, symbol, ordinal, weak);
        at = uleb64(table, at, what).end;
        break;
      case opcode.bindTimes:
        found.add(table, symbol, ordinal, weak);
        at = uleb64(table, uleb64(table, at, what).end, what).end;
        break;
      case opcode.threaded:
        if (low === 0) at = uleb64(table, at, what).end;
        break;
      default:
        throw table.malformed(at - 1, `${what}: unknown opcode 0x${byte.toString(16)}`);
    }
  }
}
