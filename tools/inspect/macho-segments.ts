// Reads one segment load command of a Mach-O file.
import type { Cursor } from "./cursor.ts";
import type { MachOFacts } from "./facts.ts";

export interface MachOSegment {
  readonly facts: MachOFacts["segments"][number];
  /** Where the content of its sections begins, counted from the Mach-O header. */
  readonly sectionOffsets: readonly number[];
}

/** Section types without content in the file: zero-filled, large zero-filled, thread-local zero-filled. */
const zeroFilled: readonly number[] = [0x1, 0xc, 0x12];

export function readSegment(content: Cursor, bits: 32 | 64): MachOSegment {
  const wide = bits === 64;
  const word = wide ? 8 : 4;
  const fields = 24;
  const count = content.u32(fields + word * 4 + 8, "number of sections");
  const sections = content.records(fields + word * 4 + 16, count, wide ? 80 : 68, "Mach-O sections");
  return {
    facts: {
      name: content.paddedString(8, 16, "segment name"),
      address: content.word(fields, bits, "segment address"),
      size: content.word(fields + word, bits, "segment size"),
      fileOffset: content.word(fields + word * 2, bits, "segment file offset"),
      fileBytes: content.word(fields + word * 3, bits, "segment file size"),
    },
    sectionOffsets: [...sections].flatMap((section) => {
      const kind = section.u32(wide ? 64 : 56, "section flags") & 0xff;
      return zeroFilled.includes(kind) ? [] : [section.u32(wide ? 48 : 40, "section offset")];
    }),
  };
}
