// Writes notes and finds build attributes in little-endian ELF files; shares no code with the reader.
import { programHeader, programHeaderWide, segmentType } from "./elf-writer.ts";

const SHT_ARM_ATTRIBUTES = 0x70000003;

/**
 * Writes a property note of one number over the unwind tables, where no gate looks, and turns the program header of
 * the tables' index into one of notes; gives the place of the number.
 */
export function writePropertyNote(file: Buffer, property: number, value: number): number {
  const header = programHeader(file, segmentType.unwindIndex);
  const { offset, sizes } = programHeaderWide(header);
  // Behind the index come the tables themselves.
  const at = Number(file.readBigUInt64LE(offset)) + 32;
  const note = Buffer.alloc(32);
  [4, 16, 5].forEach((word, index) => note.writeUInt32LE(word, index * 4));
  note.write("GNU\0", 12, "latin1");
  note.writeUInt32LE(property, 16);
  note.writeUInt32LE(4, 20);
  note.writeUInt32LE(value, 24);
  note.copy(file, at);
  file.writeUInt32LE(segmentType.note, header);
  file.writeBigUInt64LE(BigInt(at), offset);
  for (const size of sizes) file.writeBigUInt64LE(BigInt(note.length), size);
  file.writeBigUInt64LE(8n, header + 48);
  return at + 24;
}

/** Offset of the value of a numeric build attribute of a 32-bit ARM file. */
export function armAttributeAt(file: Buffer, wanted: number): number {
  const { start, end } = attributeSection(file);
  // Version, length, vendor "aeabi", then the tag and length of the part about the whole file.
  let at = start + 1 + 4 + 6 + 1 + 4;
  while (at < end) {
    const tag = file.readUInt8(at);
    at += 1;
    if (tag === wanted) return at;
    // Names of processors (4, 5) and odd tags above 32 are texts; all numbers here fit into one byte.
    at = tag === 4 || tag === 5 || (tag > 32 && tag % 2 === 1) ? file.indexOf(0, at) + 1 : at + 1;
  }
  throw new Error(`no attribute ${wanted}`);
}

function attributeSection(file: Buffer): { start: number; end: number } {
  const table = file.readUInt32LE(32);
  for (let index = 0; index < file.readUInt16LE(48); index += 1) {
    const at = table + index * 40;
    if (file.readUInt32LE(at + 4) !== SHT_ARM_ATTRIBUTES) continue;
    const start = file.readUInt32LE(at + 16);
    return { start, end: start + file.readUInt32LE(at + 20) };
  }
  throw new Error("no build attributes");
}
