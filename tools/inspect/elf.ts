// Reads ELF files, 32 and 64 bit, either byte order: headers, segments, dynamic section, symbols, versions, notes.
import type { Cpu } from "../matrix/target.ts";
import type { Cursor } from "./cursor.ts";
import { readDynamic } from "./elf-dynamic.ts";
import type { ElfFile, ElfSection } from "./elf-file.ts";
import { readSymbols, readVersionNeeds } from "./elf-symbols.ts";
import type { ElfFacts, ElfSegment, Located } from "./facts.ts";

interface Segment extends ElfSegment {
  readonly type: number;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_NOTE = 4;
const PT_TLS = 7;
const PT_GNU_STACK = 0x6474e551;
const PT_GNU_RELRO = 0x6474e552;
const PF_X = 1;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;

export function isElf(file: Cursor): boolean {
  return file.startsWith("\x7fELF");
}

export function readElf(unordered: Cursor): ElfFacts {
  const { bits, littleEndian } = readIdentification(unordered);
  const file = unordered.ordered(littleEndian);
  const machine = file.u16(18, "ELF header");
  const header = readHeader(file, bits);
  const sections = readSections(file, bits, header);
  const segments = readSegments(file, bits, header);
  const loads = segments.filter(({ type }) => type === PT_LOAD);
  const elf: ElfFile = { file, bits, sections, loads };
  const dynamicSegment = segments.find(({ type }) => type === PT_DYNAMIC);
  const stack = segments.find(({ type }) => type === PT_GNU_STACK);
  const notes = readNotes(elf, segments);
  return {
    format: "elf",
    cpu: cpuOf(machine),
    bits,
    machine: { section: "ELF header e_machine", offset: file.base + 18, value: machine },
    littleEndian,
    type: { section: "ELF header e_type", offset: file.base + 16, value: typeOf(file.u16(16, "e_type")) },
    flags: header.flags,
    dynamic: dynamicSegment === undefined ? undefined : readDynamic(elf, dynamicSegment),
    loads,
    relro: segments.find(({ type }) => type === PT_GNU_RELRO),
    executableStack:
      stack === undefined ? undefined : { ...placeOf(stack), value: (stack.flags & PF_X) !== 0 },
    programHeaders: { section: "program headers", offset: file.base + Number(header.programOffset) },
    tlsBytes: Number(segments.find(({ type }) => type === PT_TLS)?.memoryBytes ?? 0n),
    ...readSymbols(elf),
    versionNeeds: readVersionNeeds(elf),
    ...notes,
    hasDebugInfo: sections.some(({ name }) => name === ".debug_info" || name === ".zdebug_info"),
  };
}

function placeOf({ section, offset }: ElfSegment): { section: string; offset: number } {
  return { section, offset };
}

function readIdentification(file: Cursor): { bits: 32 | 64; littleEndian: boolean } {
  const elfClass = file.u8(4, "ELF class");
  const data = file.u8(5, "ELF byte order");
  if (elfClass !== 1 && elfClass !== 2)
    throw file.malformed(4, `ELF class ${elfClass} is neither 32 nor 64 bit`);
  if (data !== 1 && data !== 2)
    throw file.malformed(5, `ELF byte order ${data} is neither little nor big endian`);
  return { bits: elfClass === 2 ? 64 : 32, littleEndian: data === 1 };
}

interface Header {
  readonly programOffset: bigint;
  readonly programCount: number;
  readonly sectionOffset: bigint;
  readonly sectionCount: number;
  readonly sectionNames: number;
  readonly flags: Located<number>;
}

function readHeader(file: Cursor, bits: 32 | 64): Header {
  const wide = bits === 64;
  const tail = wide ? 48 : 36;
  const programEntry = file.u16(tail + 6, "e_phentsize");
  const sectionEntry = file.u16(tail + 10, "e_shentsize");
  const programCount = file.u16(tail + 8, "e_phnum");
  const sectionOffset = file.word(wide ? 40 : 32, bits, "e_shoff");
  let sectionCount = file.u16(tail + 12, "e_shnum");
  let sectionNames = file.u16(tail + 14, "e_shstrndx");
  const expected = wide ? { program: 56, section: 64 } : { program: 32, section: 40 };
  if (programCount > 0 && programEntry !== expected.program)
    throw file.malformed(tail + 6, `program header size ${programEntry} is not ${expected.program}`);
  if (sectionOffset !== 0n && sectionEntry !== expected.section)
    throw file.malformed(tail + 10, `section header size ${sectionEntry} is not ${expected.section}`);
  if (sectionOffset !== 0n && (sectionCount === 0 || sectionNames === 0xffff)) {
    // Files of 65280 sections and more keep the true counts in section 0.
    const first = file.slice(sectionOffset, expected.section, "section header 0");
    if (sectionCount === 0) sectionCount = Number(first.word(wide ? 32 : 20, bits, "section count"));
    if (sectionNames === 0xffff) sectionNames = first.u32(wide ? 40 : 24, "section name index");
  }
  return {
    programOffset: file.word(wide ? 32 : 28, bits, "e_phoff"),
    programCount,
    sectionOffset,
    sectionCount: sectionOffset === 0n ? 0 : sectionCount,
    sectionNames,
    flags: { section: "ELF header e_flags", offset: file.base + tail, value: file.u32(tail, "e_flags") },
  };
}

function readSections(file: Cursor, bits: 32 | 64, header: Header): ElfSection[] {
  const wide = bits === 64;
  const size = wide ? 64 : 40;
  const raw = [...file.records(header.sectionOffset, header.sectionCount, size, "section headers")].map(
    (entry) => ({
      nameOffset: entry.u32(0, "sh_name"),
      type: entry.u32(4, "sh_type"),
      offset: entry.word(wide ? 24 : 16, bits, "sh_offset"),
      size: entry.word(wide ? 32 : 20, bits, "sh_size"),
      link: entry.u32(wide ? 40 : 24, "sh_link"),
      info: entry.u32(wide ? 44 : 28, "sh_info"),
    }),
  );
  const table = raw[header.sectionNames];
  const names =
    table === undefined || table.type === SHT_NOBITS
      ? undefined
      : file.slice(table.offset, table.size, "section name table");
  return raw.map(({ nameOffset, ...section }) => ({
    ...section,
    name: names === undefined || nameOffset === 0 ? "" : names.string(nameOffset, "section name"),
  }));
}

function readSegments(file: Cursor, bits: 32 | 64, header: Header): Segment[] {
  const wide = bits === 64;
  const entries = file.records(header.programOffset, header.programCount, wide ? 56 : 32, "program headers");
  return [...entries].map((entry, index) => {
    const type = entry.u32(0, "p_type");
    return {
      type,
      section: `program header ${index} ${segmentName(type)}`,
      offset: entry.base,
      flags: entry.u32(wide ? 4 : 24, "p_flags"),
      fileOffset: entry.word(wide ? 8 : 4, bits, "p_offset"),
      address: entry.word(wide ? 16 : 8, bits, "p_vaddr"),
      fileBytes: entry.word(wide ? 32 : 16, bits, "p_filesz"),
      memoryBytes: entry.word(wide ? 40 : 20, bits, "p_memsz"),
      align: entry.word(wide ? 48 : 28, bits, "p_align"),
    };
  });
}

function segmentName(type: number): string {
  const names: Readonly<Record<number, string>> = {
    [PT_LOAD]: "PT_LOAD",
    [PT_DYNAMIC]: "PT_DYNAMIC",
    [PT_NOTE]: "PT_NOTE",
    [PT_TLS]: "PT_TLS",
    [PT_GNU_STACK]: "PT_GNU_STACK",
    [PT_GNU_RELRO]: "PT_GNU_RELRO",
  };
  return names[type] ?? `0x${type.toString(16)}`;
}

function readNotes(elf: ElfFile, segments: readonly Segment[]): Pick<ElfFacts, "androidApi" | "buildId"> {
  // Loaders read notes through segments; relocatable objects have sections only.
  const parts =
    segments.length > 0
      ? segments
          .filter(({ type }) => type === PT_NOTE)
          .map((part) => [part.fileOffset, part.fileBytes] as const)
      : elf.sections.filter(({ type }) => type === SHT_NOTE).map((part) => [part.offset, part.size] as const);
  let androidApi: Located<number> | undefined;
  let buildId: string | undefined;
  for (const [offset, size] of parts) {
    for (const note of notesOf(elf.file.slice(offset, size, "notes"))) {
      if (note.owner === "Android" && note.type === 1)
        androidApi = {
          section: ".note.android.ident",
          offset: note.content.base,
          value: note.content.u32(0, "Android API level"),
        };
      if (note.owner === "GNU" && note.type === 3) buildId = Buffer.from(note.content.bytes).toString("hex");
    }
  }
  return { androidApi, buildId };
}

interface Note {
  readonly owner: string;
  readonly type: number;
  readonly content: Cursor;
}

function* notesOf(part: Cursor): Generator<Note, void, void> {
  let at = 0;
  while (at + 12 <= part.length) {
    const ownerBytes = part.u32(at, "note name size");
    const contentBytes = part.u32(at + 4, "note content size");
    const contentAt = at + 12 + roundUp(ownerBytes, 4);
    yield {
      owner: part.paddedString(at + 12, ownerBytes, "note name"),
      type: part.u32(at + 8, "note type"),
      content: part.slice(contentAt, contentBytes, "note content"),
    };
    at = contentAt + roundUp(contentBytes, 4);
  }
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function cpuOf(machine: number): Cpu | `unknown-${string}` {
  const names: Readonly<Record<number, Cpu>> = { 3: "i686", 40: "armv7", 62: "x86_64", 183: "aarch64" };
  return names[machine] ?? `unknown-${machine}`;
}

function typeOf(type: number): ElfFacts["type"]["value"] {
  return ({ 1: "relocatable", 2: "executable", 3: "shared" } as const)[type] ?? "other";
}
