// Reads .ARM.attributes: what the code of a 32-bit ARM file asks of the processor.
import type { Cursor } from "./cursor.ts";
import type { ElfArmAttributes } from "./elf-facts.ts";
import { sectionContent, sectionOfType, type ElfFile } from "./elf-file.ts";
import type { Located } from "./facts.ts";
import { uleb } from "./leb128.ts";

const SHT_ARM_ATTRIBUTES = 0x70000003;
const EM_ARM = 40;
const wholeFile = 1;

const tag = {
  cpuRawName: 4,
  cpuName: 5,
  cpuArchitecture: 6,
  floatingPoint: 10,
  simd: 12,
  vfpArguments: 28,
  compatibility: 32,
} as const;

/** Numbers of those that are facts; a file may hold any other. */
const kept: readonly number[] = [tag.cpuArchitecture, tag.floatingPoint, tag.simd, tag.vfpArguments];

export function readArmAttributes(elf: ElfFile): ElfArmAttributes | undefined {
  const section = elf.machine === EM_ARM ? sectionOfType(elf, SHT_ARM_ATTRIBUTES) : undefined;
  if (section === undefined) return undefined;
  const content = sectionContent(elf, section, ".ARM.attributes");
  const values = new Map<number, Located<number>>();
  const texts = new Map<number, Located<string>>();
  if (content.length > 0 && content.u8(0, ".ARM.attributes") === 0x41)
    for (const part of fileAttributes(content)) readTags(part, values, texts);
  return {
    section: section.facts.name,
    offset: content.base,
    cpuName: texts.get(tag.cpuName),
    cpuArchitecture: values.get(tag.cpuArchitecture),
    floatingPoint: values.get(tag.floatingPoint),
    simd: values.get(tag.simd),
    vfpArguments: values.get(tag.vfpArguments),
  };
}

/** The attributes of vendor "aeabi" that hold for the whole file. */
function* fileAttributes(content: Cursor): Generator<Cursor, void, void> {
  let at = 1;
  while (at + 4 <= content.length) {
    const bytes = content.u32(at, "size of attributes");
    const vendor = content.slice(at, Math.max(bytes, 4), "attributes");
    const name = vendor.string(4, "vendor of attributes");
    let partAt = 4 + Buffer.byteLength(name) + 1;
    while (name === "aeabi" && partAt + 5 <= vendor.length) {
      const partBytes = vendor.u32(partAt + 1, "size of attributes");
      const part = vendor.slice(partAt, Math.max(partBytes, 5), "attributes");
      if (part.u8(0, "scope of attributes") === wholeFile) yield part.from(5, "attributes");
      partAt += part.length;
    }
    at += vendor.length;
  }
}

function readTags(
  part: Cursor,
  values: Map<number, Located<number>>,
  texts: Map<number, Located<string>>,
): void {
  let at = 0;
  while (at < part.length) {
    const number = uleb(part, at, "attribute tag");
    at = number.end;
    const place = { section: ".ARM.attributes", offset: part.base + at };
    if (!isText(number.value)) {
      const value = uleb(part, at, "attribute value");
      if (kept.includes(number.value)) values.set(number.value, { ...place, value: value.value });
      at = value.end;
    }
    if (isText(number.value) || number.value === tag.compatibility) {
      const value = part.string(at, "attribute value");
      if (number.value === tag.cpuName) texts.set(number.value, { ...place, value });
      at += Buffer.byteLength(value) + 1;
    }
  }
}

/** Above 32 the lowest bit of a tag tells texts from numbers. */
function isText(number: number): boolean {
  return number === tag.cpuRawName || number === tag.cpuName || (number > 32 && number % 2 === 1);
}
