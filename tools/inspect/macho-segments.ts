// Reads the segments and sections of a Mach-O file, and what the sections say by being there.
import type { Cursor } from "./cursor.ts";
import type { Located, Place } from "./facts.ts";
import type { MachOFacts, MachOSection, MachOSegment } from "./macho-facts.ts";

/** Section types without content in the file: zero-filled, large zero-filled, thread-local zero-filled. */
const zeroFilled: readonly number[] = [0x1, 0xc, 0x12];
const initFunctionPointers = 0x9;
const initFunctionOffsets = 0x16;

export function readSegment(content: Cursor, bits: 32 | 64): MachOSegment {
  const wide = bits === 64;
  const word = wide ? 8 : 4;
  const fields = 24;
  const tail = fields + word * 4;
  const count = content.u32(tail + 8, "number of sections");
  const sections = content.records(tail + 16, count, wide ? 80 : 68, "Mach-O sections");
  return {
    section: wide ? "LC_SEGMENT_64" : "LC_SEGMENT",
    offset: content.base,
    name: content.paddedString(8, 16, "segment name"),
    address: content.word(fields, bits, "segment address"),
    size: content.word(fields + word, bits, "segment size"),
    fileOffset: content.word(fields + word * 2, bits, "segment file offset"),
    fileBytes: content.word(fields + word * 3, bits, "segment file size"),
    maximumProtection: content.u32(tail, "maximum protection"),
    initialProtection: content.u32(tail + 4, "initial protection"),
    flags: content.u32(tail + 12, "segment flags"),
    sections: [...sections].map((section) => readSection(section, bits)),
  };
}

function readSection(header: Cursor, bits: 32 | 64): MachOSection {
  const wide = bits === 64;
  const tail = wide ? 48 : 40;
  return {
    section: "section header",
    offset: header.base,
    name: header.paddedString(0, 16, "section name"),
    segment: header.paddedString(16, 16, "segment name"),
    address: header.word(32, bits, "section address"),
    bytes: header.word(wide ? 40 : 36, bits, "section size"),
    fileOffset: header.u32(tail, "section offset"),
    align: header.u32(tail + 4, "section alignment"),
    relocations: header.u32(tail + 12, "relocation count"),
    flags: header.u32(tail + 16, "section flags"),
  };
}

/** Offset of the first content of a section, counted from the Mach-O header. */
export function firstContent(segments: readonly MachOSegment[], fileBytes: number): number {
  let first = fileBytes;
  for (const { sections } of segments)
    for (const { fileOffset, flags } of sections)
      if (!zeroFilled.includes(flags & 0xff)) first = Math.min(first, fileOffset);
  return first;
}

type SectionFacts = Pick<MachOFacts, "initializers" | "objectiveC" | "bitcode" | "hasDebugInfo">;

export function readSectionFacts(segments: readonly MachOSegment[], bits: 32 | 64): SectionFacts {
  const sections = segments.flatMap((segment) => segment.sections);
  return {
    initializers: countInitializers(sections, bits),
    objectiveC: placeOf(sections.find(({ name }) => name.startsWith("__objc_"))),
    bitcode: placeOf(
      sections.find(({ segment, name }) => segment === "__LLVM" && /^__(bitcode|bundle)$/.test(name)),
    ),
    hasDebugInfo: sections.some(({ segment, name }) => segment === "__DWARF" && name === "__debug_info"),
  };
}

function countInitializers(sections: readonly MachOSection[], bits: 32 | 64): Located<number> | undefined {
  let found: Located<number> | undefined;
  for (const section of sections) {
    const type = section.flags & 0xff;
    if (type !== initFunctionPointers && type !== initFunctionOffsets) continue;
    const entryBytes = type === initFunctionOffsets ? 4 : bits / 8;
    const count = Number(section.bytes / BigInt(entryBytes));
    const place = placeOf(section);
    found = { ...(found ?? place), value: (found?.value ?? 0) + count };
  }
  return found;
}

function placeOf(section: MachOSection): Place;
function placeOf(section: MachOSection | undefined): Place | undefined;
function placeOf(section: MachOSection | undefined): Place | undefined {
  return section === undefined
    ? undefined
    : { section: `section header ${section.segment},${section.name}`, offset: section.offset };
}
