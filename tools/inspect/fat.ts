// Reads fat files, which hold one Mach-O file or archive for each processor.
import type { Cursor } from "./cursor.ts";
import type { FatFacts, FatSlice, Located } from "./facts.ts";

const fatMagic = 0xcafebabe;
const fatMagic64 = 0xcafebabf;
/** Java class files share the fat magic; what is a count here is their version there, 45 at least. */
const mostSlices = 32;

export function isFat(unordered: Cursor): boolean {
  if (unordered.length < 8) return false;
  const file = unordered.ordered(false);
  const magic = file.u32(0, "fat header");
  const count = file.u32(4, "fat header");
  return (magic === fatMagic || magic === fatMagic64) && count <= mostSlices;
}

/** The slices in the order of the header; slices that overlap are refused. */
export function readFat(unordered: Cursor, readSlice: (slice: Cursor) => FatSlice["content"]): FatFacts {
  const file = unordered.ordered(false);
  const wide = file.u32(0, "fat header") === fatMagic64;
  const count = file.u32(4, "fat header");
  const entries = [...file.records(8, count, wide ? 32 : 20, "fat header")];
  const parts = entries.map((entry) => contentOf(file, entry, wide));
  refuseOverlaps(file, parts);
  return {
    format: "fat",
    wide,
    slices: entries.flatMap((entry, index) => {
      const part = parts[index];
      return part === undefined ? [] : [sliceFacts(entry, part, wide, readSlice)];
    }),
  };
}

function contentOf(file: Cursor, entry: Cursor, wide: boolean): Cursor {
  const bits = wide ? 64 : 32;
  const offset = entry.word(8, bits, "slice offset");
  return file.slice(offset, entry.word(8 + bits / 8, bits, "slice size"), "fat slice");
}

function refuseOverlaps(file: Cursor, parts: readonly Cursor[]): void {
  const ordered = [...parts].sort((left, right) => left.base - right.base);
  for (const [index, part] of ordered.entries()) {
    const previous = ordered[index - 1];
    if (previous !== undefined && previous.base + previous.length > part.base)
      throw file.malformed(8, `fat slices overlap at 0x${part.base.toString(16)}`);
  }
}

function sliceFacts(
  entry: Cursor,
  part: Cursor,
  wide: boolean,
  readSlice: (slice: Cursor) => FatSlice["content"],
): FatSlice {
  const field = (name: string, at: number): Located<number> => ({
    section: `fat header ${name}`,
    offset: entry.base + at,
    value: entry.u32(at, name),
  });
  return {
    machine: field("cputype", 0),
    subtype: field("cpusubtype", 4),
    align: field("align", wide ? 24 : 16),
    offset: part.base,
    bytes: part.length,
    content: readSlice(part),
  };
}
