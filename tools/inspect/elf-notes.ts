// Reads the notes of an ELF file: build id, Android's API level, and what branch protection it was compiled for.
import type { Cursor } from "./cursor.ts";
import type { ElfFacts, ElfNote, ElfProperties } from "./elf-facts.ts";
import { sectionContent, type ElfFile } from "./elf-file.ts";
import type { Located } from "./facts.ts";

const PT_NOTE = 4;
const SHT_NOTE = 7;
const NT_GNU_BUILD_ID = 3;
const NT_GNU_PROPERTY_TYPE_0 = 5;
const NT_ANDROID_VERSION = 1;
const GNU_PROPERTY_AARCH64_FEATURE_1_AND = 0xc0000000;
const GNU_PROPERTY_X86_FEATURE_1_AND = 0xc0000002;
const GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;
const EM_AARCH64 = 183;

type NoteFacts = Pick<ElfFacts, "notes" | "androidApi" | "buildId" | "properties">;

export function readNotes(elf: ElfFile): NoteFacts {
  const notes: ElfNote[] = [];
  let androidApi: Located<number> | undefined;
  let buildId: string | undefined;
  let properties: ElfProperties | undefined;
  for (const note of allNotes(elf)) {
    const { owner, type, content } = note;
    notes.push({ section: note.section, offset: note.offset, owner, type, bytes: content.length });
    if (owner === "Android" && type === NT_ANDROID_VERSION)
      androidApi = {
        section: ".note.android.ident",
        offset: content.base,
        value: content.u32(0, "Android API level"),
      };
    if (owner === "GNU" && type === NT_GNU_BUILD_ID) buildId = Buffer.from(content.bytes).toString("hex");
    if (owner === "GNU" && type === NT_GNU_PROPERTY_TYPE_0) properties = readProperties(elf, content);
  }
  return { notes, androidApi, buildId, properties };
}

interface Note {
  readonly section: string;
  readonly offset: number;
  readonly owner: string;
  readonly type: number;
  readonly content: Cursor;
}

/** Loaders read notes through segments; relocatable objects have sections only. */
function* allNotes(elf: ElfFile): Generator<Note, void, void> {
  if (elf.segments.length > 0) {
    for (const segment of elf.segments.filter(({ type }) => type === PT_NOTE)) {
      const content = elf.file.slice(segment.fileOffset, segment.fileBytes, "notes");
      yield* notesOf(content, segment.section, Number(segment.align));
    }
    return;
  }
  for (const section of elf.sections.filter(({ facts }) => facts.type === SHT_NOTE))
    yield* notesOf(sectionContent(elf, section, "notes"), section.facts.name, 4);
}

/** Names and contents are padded to four bytes, contents of 64-bit property notes to eight. */
function* notesOf(part: Cursor, section: string, align: number): Generator<Note, void, void> {
  const unit = align === 8 ? 8 : 4;
  let at = 0;
  while (at + 12 <= part.length) {
    const ownerBytes = part.u32(at, "note name size");
    const contentBytes = part.u32(at + 4, "note content size");
    const contentAt = roundUp(at + 12 + ownerBytes, unit);
    yield {
      section,
      offset: part.base + at,
      owner: part.paddedString(at + 12, ownerBytes, "note name"),
      type: part.u32(at + 8, "note type"),
      content: part.slice(contentAt, contentBytes, "note content"),
    };
    at = roundUp(contentAt + contentBytes, unit);
  }
}

function readProperties(elf: ElfFile, content: Cursor): ElfProperties {
  let x86: ElfProperties["x86"];
  let aarch64: ElfProperties["aarch64"];
  let x86IsaNeeded: ElfProperties["x86IsaNeeded"];
  let at = 0;
  while (at + 8 <= content.length) {
    const type = content.u32(at, "property type");
    const bytes = content.u32(at + 4, "property size");
    const value = content.slice(at + 8, bytes, "property");
    const located = <T>(decoded: T): Located<T> => ({
      section: ".note.gnu.property",
      offset: value.base,
      value: decoded,
    });
    const arm = elf.machine === EM_AARCH64;
    if (bytes === 4) {
      const bits = value.u32(0, "property");
      const [first, second] = [(bits & 1) !== 0, (bits & 2) !== 0];
      if (arm && type === GNU_PROPERTY_AARCH64_FEATURE_1_AND) aarch64 = located({ bti: first, pac: second });
      if (!arm && type === GNU_PROPERTY_X86_FEATURE_1_AND) x86 = located({ ibt: first, shstk: second });
      if (!arm && type === GNU_PROPERTY_X86_ISA_1_NEEDED) x86IsaNeeded = located(bits);
    }
    at = roundUp(at + 8 + bytes, elf.bits / 8);
  }
  return { section: ".note.gnu.property", offset: content.base, x86, aarch64, x86IsaNeeded };
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
