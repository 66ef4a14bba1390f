// Reads the headers in the central directory of a zip archive.
import type { Cursor } from "../inspect/cursor.ts";
import type { ZipDirectory } from "./zip-directory.ts";

const headerMagic = 0x02014b50;
const headerBytes = 46;
const zip64Extra = 1;
const utf8Flag = 0x800;

export interface ZipHeader {
  readonly name: string;
  readonly nameBytes: number;
  /** Name as it stands, to be compared with the one before the content. */
  readonly rawName: Uint8Array;
  /** System of the program that made the entry: 3 Unix, 0 DOS, 10 Windows. */
  readonly host: number;
  readonly flags: number;
  readonly method: number;
  readonly modified: number | undefined;
  readonly checksum: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly attributes: number;
  /** Where the header before the content begins, counted from the start of the file. */
  readonly localOffset: number;
}

/** At most `most` headers, in the order of the directory. */
export function readHeaders({ part, count, shift }: ZipDirectory, most: number): ZipHeader[] {
  const headers: ZipHeader[] = [];
  let at = 0;
  while (at < part.length && headers.length < most) {
    if (part.u32(at, "directory entry") !== headerMagic)
      throw part.malformed(at, "directory entry does not begin with its magic number");
    const nameBytes = part.u16(at + 28, "directory entry");
    const extraBytes = part.u16(at + 30, "directory entry");
    const commentBytes = part.u16(at + 32, "directory entry");
    const total = headerBytes + nameBytes + extraBytes + commentBytes;
    headers.push(readHeader(part.slice(at, total, "directory entry"), nameBytes, extraBytes, shift));
    at += total;
  }
  if (at === part.length && headers.length !== count)
    throw part.malformed(0, `the directory has ${headers.length} entries, its end record says ${count}`);
  return headers;
}

function readHeader(entry: Cursor, nameBytes: number, extraBytes: number, shift: number): ZipHeader {
  const flags = entry.u16(8, "directory entry");
  const rawName = entry.slice(headerBytes, nameBytes, "name").bytes;
  const extra = entry.slice(headerBytes + nameBytes, extraBytes, "extra fields");
  const sizes = readSizes(entry, extra);
  return {
    name: decodeName(rawName, (flags & utf8Flag) !== 0),
    nameBytes,
    rawName,
    host: entry.u8(5, "directory entry"),
    flags,
    method: entry.u16(10, "directory entry"),
    modified: dosTime(entry.u16(14, "directory entry"), entry.u16(12, "directory entry")),
    checksum: entry.u32(16, "directory entry"),
    attributes: entry.u32(38, "directory entry"),
    ...sizes,
    localOffset: sizes.localOffset + shift,
  };
}

/** Fields of 32 bits that are full stand in an extra field, in this order. */
function readSizes(
  entry: Cursor,
  extra: Cursor,
): Pick<ZipHeader, "bytes" | "compressedBytes" | "localOffset"> {
  const wide = extraField(extra, zip64Extra);
  let at = 0;
  const field = (offset: number): number => {
    const value = entry.u32(offset, "directory entry");
    if (value !== 0xffffffff || wide === undefined) return value;
    at += 8;
    return Number(wide.u64(at - 8, "zip64 extra field"));
  };
  const bytes = field(24);
  const compressedBytes = field(20);
  return { bytes, compressedBytes, localOffset: field(42) };
}

function extraField(extra: Cursor, wanted: number): Cursor | undefined {
  // A rest of less than four bytes is padding that Android's zipalign writes.
  for (let at = 0; at + 4 <= extra.length;) {
    const bytes = extra.u16(at + 2, "extra field");
    if (extra.u16(at, "extra field") === wanted) return extra.slice(at + 4, bytes, "zip64 extra field");
    at += 4 + bytes;
  }
  return undefined;
}

/** UTF-8 where the flag says so or the bytes are; other programs write the code page of their system. */
function decodeName(raw: Uint8Array, isUtf8: boolean): string {
  if (isUtf8) return Buffer.from(raw).toString("utf8");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    return Buffer.from(raw).toString("latin1");
  }
}

/** Two seconds are the unit; undefined where the date is none. */
function dosTime(date: number, time: number): number | undefined {
  if (date === 0) return undefined;
  const [year, month, day] = [1980 + (date >>> 9), ((date >>> 5) & 15) - 1, date & 31];
  const [hour, minute, second] = [time >>> 11, (time >>> 5) & 63, (time & 31) * 2];
  return Date.UTC(year, month, day, hour, minute, second) / 1000;
}
