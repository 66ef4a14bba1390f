// What the readers of an ELF file's parts need of the whole, and how addresses are followed.
import type { Cursor } from "./cursor.ts";
import type { ElfSectionFacts, ElfSegment } from "./elf-facts.ts";

/** A section header with the fields that tie it to other sections. */
export interface ElfSection {
  readonly facts: ElfSectionFacts;
  readonly link: number;
  readonly info: number;
}

/** An entry of the dynamic section. */
export interface ElfDynamicEntry {
  readonly tag: number;
  readonly value: bigint;
  /** Offset from the start of the file. */
  readonly offset: number;
}

export interface ElfFile {
  readonly file: Cursor;
  readonly bits: 32 | 64;
  readonly machine: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  readonly loads: readonly ElfSegment[];
  /** undefined where there is no PT_DYNAMIC. */
  readonly dynamic: readonly ElfDynamicEntry[] | undefined;
}

export function sectionOfType(elf: ElfFile, type: number): ElfSection | undefined {
  return elf.sections.find(({ facts }) => facts.type === type);
}

export function sectionNamed(elf: ElfFile, name: string): ElfSection | undefined {
  return elf.sections.find(({ facts }) => facts.name === name);
}

export function sectionContent(elf: ElfFile, { facts }: ElfSection, what: string): Cursor {
  return elf.file.slice(facts.fileOffset, facts.bytes, what);
}

/** The first value of a dynamic tag. */
export function dynamicValue(elf: ElfFile, tag: number): bigint | undefined {
  return elf.dynamic?.find((entry) => entry.tag === tag)?.value;
}

/** The offset in the file of what is loaded at an address, as far as that is in the file. */
export function fileOffsetOf(elf: ElfFile, address: bigint): bigint | undefined {
  elf.file.spend(elf.loads.length, 0, "address");
  const load = elf.loads.find(
    (candidate) => address >= candidate.address && address < candidate.address + candidate.fileBytes,
  );
  return load === undefined ? undefined : load.fileOffset + (address - load.address);
}

/** `bytes` bytes of the file that are loaded at an address; without `bytes` all to the end of the file. */
export function atAddress(elf: ElfFile, address: bigint, bytes: bigint | undefined, what: string): Cursor {
  const offset = fileOffsetOf(elf, address);
  if (offset === undefined)
    throw elf.file.malformed(0, `${what}: address 0x${address.toString(16)} is in no PT_LOAD segment`);
  return bytes === undefined ? elf.file.from(offset, what) : elf.file.slice(offset, bytes, what);
}
