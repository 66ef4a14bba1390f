// Reads the dynamic section of an ELF file as the loader does: through segments, not section headers.
import type { Cursor } from "./cursor.ts";
import type { ElfDynamicFacts, ElfSegment } from "./elf-facts.ts";
import { atAddress, dynamicValue, type ElfDynamicEntry, type ElfFile } from "./elf-file.ts";
import type { Located, Place } from "./facts.ts";

/** Numbers of dynamic tags that the readers follow. */
export const dynamicTag = {
  null: 0,
  needed: 1,
  jumpBytes: 2,
  hash: 4,
  stringTable: 5,
  symbolTable: 6,
  rela: 7,
  relaBytes: 8,
  stringBytes: 10,
  init: 12,
  fini: 13,
  soname: 14,
  rpath: 15,
  symbolic: 16,
  rel: 17,
  relBytes: 18,
  jumpKind: 20,
  textRelocations: 22,
  jumps: 23,
  bindNow: 24,
  initArray: 25,
  finiArray: 26,
  initArrayBytes: 27,
  finiArrayBytes: 28,
  runpath: 29,
  flags: 30,
  relrBytes: 35,
  relr: 36,
  androidRel: 0x6000000f,
  androidRelBytes: 0x60000010,
  androidRela: 0x60000011,
  androidRelaBytes: 0x60000012,
  androidRelr: 0x6fffe000,
  androidRelrBytes: 0x6fffe001,
  gnuHash: 0x6ffffef5,
  versionSymbols: 0x6ffffff0,
  flags1: 0x6ffffffb,
  versionDefinitions: 0x6ffffffc,
  versionDefinitionCount: 0x6ffffffd,
  versionNeeds: 0x6ffffffe,
  versionNeedCount: 0x6fffffff,
} as const;

const DF_SYMBOLIC = 2;
const DF_TEXTREL = 4;
const DF_BIND_NOW = 8;
const DF_STATIC_TLS = 0x10;
const DF_1_NOW = 1;
const DF_1_NODELETE = 8;

/** The entries up to DT_NULL. */
export function readDynamicEntries(file: Cursor, bits: 32 | 64, segment: ElfSegment): ElfDynamicEntry[] {
  const size = bits / 4;
  const entries: ElfDynamicEntry[] = [];
  const count = segment.fileBytes / BigInt(size);
  for (const record of file.records(segment.fileOffset, count, size, "dynamic section")) {
    const tag = Number(record.word(0, bits, "dynamic tag"));
    if (tag === dynamicTag.null) break;
    entries.push({ tag, value: record.word(size / 2, bits, "dynamic value"), offset: record.base });
  }
  return entries;
}

export function readDynamic(elf: ElfFile, segment: ElfSegment): ElfDynamicFacts {
  const entries = elf.dynamic ?? [];
  const start: Place = { section: ".dynamic", offset: elf.file.base + Number(segment.fileOffset) };
  const strings = stringTable(elf);
  const texts = (wanted: number, name: string): Located<string>[] =>
    entries
      .filter(({ tag }) => tag === wanted)
      .map((entry) => ({ ...place(entry, name), value: text(elf, strings, entry, name) }));
  const first = (wanted: number, name: string): Place | undefined => {
    const entry = entries.find(({ tag }) => tag === wanted);
    return entry === undefined ? undefined : place(entry, name);
  };
  const flags = readFlags(entries, dynamicTag.flags, "DT_FLAGS", start);
  const flags1 = readFlags(entries, dynamicTag.flags1, "DT_FLAGS_1", start);
  return {
    ...start,
    soname: texts(dynamicTag.soname, "DT_SONAME")[0],
    needed: texts(dynamicTag.needed, "DT_NEEDED"),
    rpath: texts(dynamicTag.rpath, "DT_RPATH"),
    runpath: texts(dynamicTag.runpath, "DT_RUNPATH"),
    flags,
    flags1,
    bindNow:
      flagged(flags1, DF_1_NOW) ?? flagged(flags, DF_BIND_NOW) ?? first(dynamicTag.bindNow, "DT_BIND_NOW"),
    textRelocations: first(dynamicTag.textRelocations, "DT_TEXTREL") ?? flagged(flags, DF_TEXTREL),
    staticTls: flagged(flags, DF_STATIC_TLS),
    noDelete: flagged(flags1, DF_1_NODELETE),
    symbolic: first(dynamicTag.symbolic, "DT_SYMBOLIC") ?? flagged(flags, DF_SYMBOLIC),
    packedRelocations: first(dynamicTag.relr, "DT_RELR") ?? first(dynamicTag.androidRelr, "DT_RELR"),
    hashTables: readHashTables(entries),
    initializers: functionCount(elf, dynamicTag.initArrayBytes, "DT_INIT_ARRAYSZ"),
    finalizers: functionCount(elf, dynamicTag.finiArrayBytes, "DT_FINI_ARRAYSZ"),
    init: first(dynamicTag.init, "DT_INIT"),
    fini: first(dynamicTag.fini, "DT_FINI"),
  };
}

function readHashTables(entries: readonly ElfDynamicEntry[]): ElfDynamicFacts["hashTables"] {
  return entries.flatMap((entry): Located<"sysv" | "gnu">[] => {
    if (entry.tag === dynamicTag.hash) return [{ ...place(entry, "DT_HASH"), value: "sysv" }];
    if (entry.tag === dynamicTag.gnuHash) return [{ ...place(entry, "DT_GNU_HASH"), value: "gnu" }];
    return [];
  });
}

function place(entry: ElfDynamicEntry, name: string): Place {
  return { section: `.dynamic ${name}`, offset: entry.offset };
}

function readFlags(
  entries: readonly ElfDynamicEntry[],
  wanted: number,
  name: string,
  start: Place,
): Located<number> {
  const entry = entries.find(({ tag }) => tag === wanted);
  // All flags of both words stand in the lower half.
  return entry === undefined
    ? { ...start, value: 0 }
    : { ...place(entry, name), value: Number(entry.value & 0xffffffffn) };
}

function flagged({ section, offset, value }: Located<number>, bit: number): Place | undefined {
  return (value & bit) === 0 ? undefined : { section, offset };
}

function functionCount(elf: ElfFile, bytesTag: number, name: string): Located<number> | undefined {
  const entry = elf.dynamic?.find(({ tag }) => tag === bytesTag);
  return entry === undefined
    ? undefined
    : { ...place(entry, name), value: Number(entry.value / BigInt(elf.bits / 8)) };
}

/** The strings that names in dynamic tables are offsets into. */
export function stringTable(elf: ElfFile): Cursor | undefined {
  const address = dynamicValue(elf, dynamicTag.stringTable);
  const bytes = dynamicValue(elf, dynamicTag.stringBytes);
  if (address === undefined || bytes === undefined) return undefined;
  return atAddress(elf, address, bytes, "dynamic string table");
}

function text(elf: ElfFile, strings: Cursor | undefined, entry: ElfDynamicEntry, name: string): string {
  if (strings === undefined)
    throw elf.file.malformed(entry.offset - elf.file.base, `${name} without a string table`);
  return strings.string(entry.value, name);
}
