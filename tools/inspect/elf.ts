// Reads ELF files, 32 and 64 bit, either byte order: headers, segments and sections here, the rest through siblings.
import type { Cursor } from "./cursor.ts";
import { readArmAttributes } from "./elf-attributes.ts";
import { readDynamic, readDynamicEntries } from "./elf-dynamic.ts";
import type { ElfFacts, ElfSegment } from "./elf-facts.ts";
import { sectionContent, sectionNamed, type ElfFile, type ElfSection } from "./elf-file.ts";
import { readNotes } from "./elf-notes.ts";
import { readRelocations } from "./elf-relocations.ts";
import { fullSymbolTable, readSymbols } from "./elf-symbols.ts";
import { readVersionDefinitions, readVersionNeeds } from "./elf-versions.ts";
import type { Located, Place } from "./facts.ts";
import { processorOfElf } from "./processor.ts";

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_TLS = 7;
const PT_GNU_STACK = 0x6474e551;
const PT_GNU_RELRO = 0x6474e552;
const PF_X = 1;
const SHT_NOBITS = 8;

const segmentNames: Readonly<Record<number, string>> = {
  0: "PT_NULL",
  [PT_LOAD]: "PT_LOAD",
  [PT_DYNAMIC]: "PT_DYNAMIC",
  [PT_INTERP]: "PT_INTERP",
  4: "PT_NOTE",
  6: "PT_PHDR",
  [PT_TLS]: "PT_TLS",
  0x6474e550: "PT_GNU_EH_FRAME",
  [PT_GNU_STACK]: "PT_GNU_STACK",
  [PT_GNU_RELRO]: "PT_GNU_RELRO",
  0x6474e553: "PT_GNU_PROPERTY",
  0x70000001: "PT_ARM_EXIDX",
};

export function isElf(file: Cursor): boolean {
  return file.startsWith("\x7fELF");
}

export function readElf(unordered: Cursor): ElfFacts {
  const elf = readElfFile(unordered);
  const { file, bits, machine, segments } = elf;
  const ofType = (wanted: number): ElfSegment | undefined => segments.find(({ type }) => type === wanted);
  const dynamic = ofType(PT_DYNAMIC);
  const stack = ofType(PT_GNU_STACK);
  const header = (field: string, offset: number): Place => ({
    section: `ELF header ${field}`,
    offset: file.base + offset,
  });
  const programOffset = file.word(bits === 64 ? 32 : 28, bits, "e_phoff");
  const flagsAt = bits === 64 ? 48 : 36;
  return {
    format: "elf",
    cpu: processorOfElf(machine, bits),
    bits,
    machine: { ...header("e_machine", 18), value: machine },
    littleEndian: file.littleEndian,
    osAbi: { ...header("EI_OSABI", 7), value: file.u8(7, "EI_OSABI") },
    type: { ...header("e_type", 16), value: typeOf(file.u16(16, "e_type")) },
    flags: { ...header("e_flags", flagsAt), value: file.u32(flagsAt, "e_flags") },
    interpreter: readInterpreter(file, ofType(PT_INTERP)),
    dynamic: dynamic === undefined ? undefined : readDynamic(elf, dynamic),
    segments,
    loads: elf.loads,
    relro: ofType(PT_GNU_RELRO),
    executableStack:
      stack === undefined
        ? undefined
        : { section: stack.section, offset: stack.offset, value: (stack.flags & PF_X) !== 0 },
    programHeaders: { section: "program headers", offset: file.base + Number(programOffset) },
    sections: elf.sections.map(({ facts }) => facts),
    tlsBytes: Number(ofType(PT_TLS)?.memoryBytes ?? 0n),
    ...readSymbols(elf),
    fullSymbolTable: fullSymbolTable(elf),
    versionNeeds: readVersionNeeds(elf),
    versionDefinitions: readVersionDefinitions(elf),
    relocations: readRelocations(elf),
    ...readNotes(elf),
    armAttributes: readArmAttributes(elf),
    comments: readComments(elf),
    ...readDebug(elf),
  };
}

function readElfFile(unordered: Cursor): ElfFile {
  const { bits, littleEndian } = readIdentification(unordered);
  const file = unordered.ordered(littleEndian);
  const header = readHeader(file, bits);
  const segments = readSegments(file, bits, header);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  return {
    file,
    bits,
    machine: file.u16(18, "ELF header"),
    sections: readSections(file, bits, header),
    segments,
    loads: segments.filter(({ type }) => type === PT_LOAD),
    dynamic: dynamic === undefined ? undefined : readDynamicEntries(file, bits, dynamic),
  };
}

function readInterpreter(file: Cursor, segment: ElfSegment | undefined): Located<string> | undefined {
  if (segment === undefined) return undefined;
  const text = file.slice(segment.fileOffset, segment.fileBytes, "PT_INTERP");
  const value = text.paddedString(0, text.length, "PT_INTERP");
  return { section: segment.section, offset: text.base, value };
}

/** Compilers write their versions one after the other, each ended by a zero byte. */
function readComments(elf: ElfFile): Located<string>[] {
  const section = sectionNamed(elf, ".comment");
  if (section === undefined || section.facts.type === SHT_NOBITS) return [];
  const content = sectionContent(elf, section, ".comment");
  const comments: Located<string>[] = [];
  for (let at = 0; at < content.length;) {
    const value = content.paddedString(at, content.length - at, ".comment");
    if (value !== "") comments.push({ section: ".comment", offset: content.base + at, value });
    const end = content.bytes.indexOf(0, at);
    at = end < 0 ? content.length : end + 1;
  }
  return comments;
}

function readDebug(elf: ElfFile): Pick<ElfFacts, "hasDebugInfo" | "debugSections" | "debugLink"> {
  const debugSections = elf.sections
    .map(({ facts }) => facts.name)
    .filter((name) => /^\.z?debug_/.test(name));
  const link = sectionNamed(elf, ".gnu_debuglink");
  const content = link === undefined ? undefined : sectionContent(elf, link, ".gnu_debuglink");
  return {
    hasDebugInfo: debugSections.some((name) => /^\.z?debug_info$/.test(name)),
    debugSections,
    debugLink:
      content === undefined
        ? undefined
        : { section: ".gnu_debuglink", offset: content.base, value: content.string(0, ".gnu_debuglink") },
  };
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
}

function readHeader(file: Cursor, bits: 32 | 64): Header {
  const wide = bits === 64;
  const tail = wide ? 48 : 36;
  const programEntry = file.u16(tail + 6, "e_phentsize");
  const sectionEntry = file.u16(tail + 10, "e_shentsize");
  let programCount = file.u16(tail + 8, "e_phnum");
  const sectionOffset = file.word(wide ? 40 : 32, bits, "e_shoff");
  let sectionCount = file.u16(tail + 12, "e_shnum");
  let sectionNames = file.u16(tail + 14, "e_shstrndx");
  const expected = wide ? { program: 56, section: 64 } : { program: 32, section: 40 };
  if (programCount > 0 && programEntry !== expected.program)
    throw file.malformed(tail + 6, `program header size ${programEntry} is not ${expected.program}`);
  if (sectionOffset !== 0n && sectionEntry !== expected.section)
    throw file.malformed(tail + 10, `section header size ${sectionEntry} is not ${expected.section}`);
  if (sectionOffset !== 0n && (sectionCount === 0 || sectionNames === 0xffff || programCount === 0xffff)) {
    // Counts that do not fit in 16 bits stand in section 0.
    const first = file.slice(sectionOffset, expected.section, "section header 0");
    if (sectionCount === 0) sectionCount = Number(first.word(wide ? 32 : 20, bits, "section count"));
    if (sectionNames === 0xffff) sectionNames = first.u32(wide ? 40 : 24, "section name index");
    if (programCount === 0xffff) programCount = first.u32(wide ? 44 : 28, "program header count");
  }
  return {
    programOffset: file.word(wide ? 32 : 28, bits, "e_phoff"),
    programCount,
    sectionOffset,
    sectionCount: sectionOffset === 0n ? 0 : sectionCount,
    sectionNames,
  };
}

function readSections(file: Cursor, bits: 32 | 64, header: Header): ElfSection[] {
  const wide = bits === 64;
  const size = wide ? 64 : 40;
  const raw = [...file.records(header.sectionOffset, header.sectionCount, size, "section headers")].map(
    (entry) => ({
      nameOffset: entry.u32(0, "sh_name"),
      type: entry.u32(4, "sh_type"),
      flags: entry.word(8, bits, "sh_flags"),
      address: entry.word(wide ? 16 : 12, bits, "sh_addr"),
      fileOffset: entry.word(wide ? 24 : 16, bits, "sh_offset"),
      bytes: entry.word(wide ? 32 : 20, bits, "sh_size"),
      link: entry.u32(wide ? 40 : 24, "sh_link"),
      info: entry.u32(wide ? 44 : 28, "sh_info"),
      offset: entry.base,
    }),
  );
  const table = raw[header.sectionNames];
  const names =
    table === undefined || table.type === SHT_NOBITS
      ? undefined
      : file.slice(table.fileOffset, table.bytes, "section name table");
  return raw.map(({ nameOffset, link, info, ...facts }, index) => ({
    facts: {
      ...facts,
      section: `section header ${index}`,
      name: names === undefined || nameOffset === 0 ? "" : names.string(nameOffset, "section name"),
    },
    link,
    info,
  }));
}

function readSegments(file: Cursor, bits: 32 | 64, header: Header): ElfSegment[] {
  const wide = bits === 64;
  const entries = file.records(header.programOffset, header.programCount, wide ? 56 : 32, "program headers");
  return [...entries].map((entry, index) => {
    const type = entry.u32(0, "p_type");
    return {
      type,
      section: `program header ${index} ${segmentNames[type] ?? `0x${type.toString(16)}`}`,
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

function typeOf(type: number): ElfFacts["type"]["value"] {
  return ({ 1: "relocatable", 2: "executable", 3: "shared" } as const)[type] ?? "other";
}
