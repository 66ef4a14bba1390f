// Reads the dynamic section of an ELF file as the loader does: through segments, not section headers.
import type { Cursor } from "./cursor.ts";
import type { ElfFile } from "./elf-file.ts";
import type { ElfDynamicFacts, ElfSegment, Located, Place } from "./facts.ts";

const tag = {
  null: 0,
  needed: 1,
  stringTable: 5,
  stringBytes: 10,
  soname: 14,
  rpath: 15,
  textRelocations: 22,
  bindNow: 24,
  runpath: 29,
  flags: 30,
  relr: 36,
  flags1: 0x6ffffffb,
  androidRelr: 0x6fffe000,
} as const;

const DF_TEXTREL = 4n;
const DF_BIND_NOW = 8n;
const DF_STATIC_TLS = 0x10n;
const DF_1_NOW = 1n;
const DF_1_NODELETE = 8n;

interface Entry {
  readonly tag: number;
  readonly value: bigint;
  readonly offset: number;
}

export function readDynamic(elf: ElfFile, segment: ElfSegment): ElfDynamicFacts {
  const entries = readEntries(elf, segment);
  const strings = stringTable(elf, entries);
  const texts = (wanted: number, name: string): Located<string>[] =>
    entries
      .filter((entry) => entry.tag === wanted)
      .map((entry) => ({ ...place(entry, name), value: text(elf, strings, entry, name) }));
  const first = (name: string, test: (entry: Entry) => boolean): Place | undefined => {
    const entry = entries.find(test);
    return entry === undefined ? undefined : place(entry, name);
  };
  const flag = (bit: bigint, wanted: number) => (entry: Entry) =>
    entry.tag === wanted && (entry.value & bit) !== 0n;
  return {
    section: ".dynamic",
    offset: elf.file.base + Number(segment.fileOffset),
    soname: texts(tag.soname, "DT_SONAME")[0],
    needed: texts(tag.needed, "DT_NEEDED"),
    rpath: texts(tag.rpath, "DT_RPATH"),
    runpath: texts(tag.runpath, "DT_RUNPATH"),
    bindNow:
      first("DT_FLAGS_1", flag(DF_1_NOW, tag.flags1)) ??
      first("DT_FLAGS", flag(DF_BIND_NOW, tag.flags)) ??
      first("DT_BIND_NOW", (entry) => entry.tag === tag.bindNow),
    textRelocations:
      first("DT_TEXTREL", (entry) => entry.tag === tag.textRelocations) ??
      first("DT_FLAGS", flag(DF_TEXTREL, tag.flags)),
    staticTls: first("DT_FLAGS", flag(DF_STATIC_TLS, tag.flags)),
    noDelete: first("DT_FLAGS_1", flag(DF_1_NODELETE, tag.flags1)),
    packedRelocations: first("DT_RELR", (entry) => entry.tag === tag.relr || entry.tag === tag.androidRelr),
  };
}

function place(entry: Entry, name: string): Place {
  return { section: `.dynamic ${name}`, offset: entry.offset };
}

function readEntries(elf: ElfFile, segment: ElfSegment): Entry[] {
  const size = elf.bits / 4;
  const entries: Entry[] = [];
  const count = segment.fileBytes / BigInt(size);
  for (const record of elf.file.records(segment.fileOffset, count, size, "dynamic section")) {
    const tagValue = Number(record.word(0, elf.bits, "dynamic tag"));
    if (tagValue === tag.null) break;
    entries.push({
      tag: tagValue,
      value: record.word(size / 2, elf.bits, "dynamic value"),
      offset: record.base,
    });
  }
  return entries;
}

function stringTable(elf: ElfFile, entries: readonly Entry[]): Cursor | undefined {
  const table = entries.find((entry) => entry.tag === tag.stringTable);
  const bytes = entries.find((entry) => entry.tag === tag.stringBytes);
  if (table === undefined || bytes === undefined) return undefined;
  const load = elf.loads.find(
    ({ address, fileBytes }) => table.value >= address && table.value < address + fileBytes,
  );
  if (load === undefined)
    throw elf.file.malformed(table.offset - elf.file.base, "DT_STRTAB points outside all PT_LOAD segments");
  return elf.file.slice(load.fileOffset + (table.value - load.address), bytes.value, "dynamic string table");
}

function text(elf: ElfFile, strings: Cursor | undefined, entry: Entry, name: string): string {
  if (strings === undefined)
    throw elf.file.malformed(entry.offset - elf.file.base, `${name} without a string table`);
  return strings.string(entry.value, name);
}
