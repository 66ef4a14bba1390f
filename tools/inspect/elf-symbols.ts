// Reads ELF symbol tables and the version tables that go with dynamic symbols.
import type { Cursor } from "./cursor.ts";
import { dynamicTag, stringTable } from "./elf-dynamic.ts";
import type { ElfFacts, ElfSymbol } from "./elf-facts.ts";
import {
  atAddress,
  dynamicValue,
  fileOffsetOf,
  sectionContent,
  sectionOfType,
  type ElfFile,
} from "./elf-file.ts";
import { symbolVersions } from "./elf-versions.ts";

const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SHN_COMMON = 0xfff2;
const STT_SECTION = 3;
const STT_FILE = 4;
/** EM_S390 and EM_ALPHA. */
const wideHashMachines: readonly number[] = [22, 0x9026];

const kinds: Readonly<Record<number, ElfSymbol["kind"]>> = {
  0: "none",
  1: "object",
  2: "function",
  5: "common",
  6: "tls",
  10: "ifunc",
};

interface Table {
  readonly name: string;
  readonly entries: Cursor;
  readonly names: Cursor;
}

/** Dynamic symbols if there is such a table, else the full table. Local symbols are left out. */
export function readSymbols(elf: ElfFile): Pick<ElfFacts, "symbols" | "symbolTable"> {
  const dynamic = dynamicTable(elf);
  const table = dynamic ?? sectionTable(elf, SHT_SYMTAB);
  if (table === undefined)
    return { symbols: [], symbolTable: { section: "ELF header", offset: elf.file.base } };
  const versions = dynamic === undefined ? undefined : symbolVersions(elf);
  const size = symbolBytes(elf);
  const symbols: ElfSymbol[] = [];
  let index = 0;
  const count = Math.floor(table.entries.length / size);
  for (const entry of table.entries.records(0, count, size, "symbol table")) {
    const symbol = readSymbol(elf, entry, table.names);
    const version = symbol === undefined ? undefined : versions?.(index);
    if (symbol !== undefined) symbols.push(version === undefined ? symbol : { ...symbol, version });
    index += 1;
  }
  return { symbols, symbolTable: { section: table.name, offset: table.entries.base } };
}

export function fullSymbolTable(elf: ElfFile): ElfFacts["fullSymbolTable"] {
  const section = sectionOfType(elf, SHT_SYMTAB)?.facts;
  return section === undefined
    ? undefined
    : { section: section.name, offset: elf.file.base + Number(section.fileOffset) };
}

function symbolBytes({ bits }: ElfFile): number {
  return bits === 64 ? 24 : 16;
}

function sectionTable(elf: ElfFile, type: number): Table | undefined {
  const section = sectionOfType(elf, type);
  if (section === undefined) return undefined;
  const strings = elf.sections[section.link];
  if (strings === undefined)
    throw elf.file.malformed(0, `${section.facts.name}: there is no section ${section.link} of names`);
  return {
    name: section.facts.name,
    entries: sectionContent(elf, section, "symbol table"),
    names: sectionContent(elf, strings, "symbol names"),
  };
}

/**
 * The loader finds its symbols by DT_SYMTAB, which has no length. A section header that stands for the same place
 * gives the length; where there is none, or it means another place, the hash tables do.
 */
function dynamicTable(elf: ElfFile): Table | undefined {
  const section = sectionTable(elf, SHT_DYNSYM);
  const address = dynamicValue(elf, dynamicTag.symbolTable);
  if (address === undefined || elf.loads.length === 0) return section;
  const offset = fileOffsetOf(elf, address);
  if (section !== undefined && offset === BigInt(section.entries.base - elf.file.base)) return section;
  const names = stringTable(elf);
  if (names === undefined) return section;
  const count = countByHash(elf);
  if (count === undefined) return section;
  const entries = atAddress(elf, address, count * BigInt(symbolBytes(elf)), "dynamic symbol table");
  return { name: "DT_SYMTAB", entries, names };
}

function countByHash(elf: ElfFile): bigint | undefined {
  const plain = dynamicValue(elf, dynamicTag.hash);
  if (plain !== undefined) return countByPlainHash(elf, plain);
  const gnu = dynamicValue(elf, dynamicTag.gnuHash);
  return gnu === undefined ? undefined : countByGnuHash(elf, atAddress(elf, gnu, undefined, "hash table"));
}

/** The older table has one chain entry a symbol. Its words have 32 bits, but 64 on two processors. */
function countByPlainHash(elf: ElfFile, address: bigint): bigint {
  const bits = elf.bits === 64 && wideHashMachines.includes(elf.machine) ? 64 : 32;
  const table = atAddress(elf, address, BigInt(bits / 4), "hash table");
  return table.word(bits / 8, bits, "hash chain count");
}

/** The highest symbol that a bucket begins with, and on to the end of its chain, whose last hash has bit 0 set. */
function countByGnuHash(elf: ElfFile, table: Cursor): bigint {
  const bucketCount = table.u32(0, "hash bucket count");
  const firstSymbol = table.u32(4, "first hashed symbol");
  const filterBytes = table.u32(8, "hash filter size") * (elf.bits / 8);
  const bucketsAt = 16 + filterBytes;
  let last = 0;
  for (const bucket of table.records(bucketsAt, bucketCount, 4, "hash buckets"))
    last = Math.max(last, bucket.u32(0, "hash bucket"));
  if (last < firstSymbol) return BigInt(firstSymbol);
  const chainsAt = bucketsAt + bucketCount * 4;
  while ((table.u32(chainsAt + (last - firstSymbol) * 4, "hash chain") & 1) === 0) last += 1;
  return BigInt(last + 1);
}

function readSymbol(elf: ElfFile, entry: Cursor, names: Cursor): ElfSymbol | undefined {
  const wide = elf.bits === 64;
  const info = entry.u8(wide ? 4 : 12, "symbol info");
  const binding = info >> 4;
  const kind = info & 15;
  if (binding === 0 || kind === STT_SECTION || kind === STT_FILE) return undefined;
  const visibility = entry.u8(wide ? 5 : 13, "symbol visibility") & 3;
  const section = entry.u16(wide ? 6 : 14, "symbol section");
  const name = names.string(entry.u32(0, "symbol name"), "symbol name");
  // SPARC announces its scratch registers as symbols without a name.
  if (name === "") return undefined;
  return {
    name,
    defined: section !== 0,
    binding: binding === 2 ? "weak" : "global",
    visible: visibility === 0 || visibility === 3,
    kind: section === SHN_COMMON ? "common" : (kinds[kind] ?? "other"),
    value: entry.word(wide ? 8 : 4, elf.bits, "symbol value"),
    bytes: entry.word(wide ? 16 : 8, elf.bits, "symbol size"),
    offset: entry.base,
  };
}
