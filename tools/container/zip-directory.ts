// Finds the central directory of a zip archive from its end, with 64-bit sizes where it has them.
import { Cursor, MalformedFile } from "../inspect/cursor.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Limits } from "./limits.ts";

const endMagic = 0x06054b50;
const endBytes = 22;
const longestComment = 0xffff;
const locatorMagic = 0x07064b50;
const locatorBytes = 20;
const end64Magic = 0x06064b50;
const end64Bytes = 56;

export interface ZipDirectory {
  readonly part: Cursor;
  readonly count: number;
  /** Where the directory really begins. */
  readonly offset: number;
  /** What must be added to the offsets of members: bytes that somebody put before the archive. */
  readonly shift: number;
  /** Where the archive ends, its comment included. */
  readonly end: number;
}

export async function findDirectory(source: ByteSource, limits: Limits): Promise<ZipDirectory> {
  const end = await findEnd(source);
  const { endOffset, commentBytes } = end;
  const recorded = (await readEnd64(source, endOffset)) ?? end;
  const { count, bytes, offset } = recorded;
  const start = recorded.recordOffset - bytes;
  if (start < offset)
    throw new MalformedFile(
      source.path,
      endOffset,
      `the directory of ${bytes} bytes at 0x${offset.toString(16)} does not fit before its end record`,
    );
  if (bytes > limits.directoryBytes)
    throw new MalformedFile(
      source.path,
      endOffset,
      `the directory has ${bytes} bytes, ${limits.directoryBytes} are the limit`,
    );
  const content = await source.read(start, bytes, "central directory");
  return {
    part: Cursor.ofPart(source.path, content, start),
    count,
    offset: start,
    shift: start - offset,
    end: endOffset + endBytes + commentBytes,
  };
}

interface EndRecord {
  /** Where the record that tells of the directory begins; the directory ends there. */
  readonly recordOffset: number;
  readonly count: number;
  readonly bytes: number;
  readonly offset: number;
}

/** The last record whose comment fits into the file. */
async function findEnd(
  source: ByteSource,
): Promise<EndRecord & { readonly endOffset: number; readonly commentBytes: number }> {
  const tailBytes = Math.min(source.length, endBytes + longestComment);
  const tailOffset = source.length - tailBytes;
  const tail = Cursor.ofPart(
    source.path,
    await source.read(tailOffset, tailBytes, "end of archive"),
    tailOffset,
  );
  for (let at = tailBytes - endBytes; at >= 0; at -= 1) {
    if (tail.bytes[at] !== 0x50 || tail.u32(at, "end record") !== endMagic) continue;
    const commentBytes = tail.u16(at + 20, "end record");
    if (at + endBytes + commentBytes > tailBytes) continue;
    return { ...readEnd(tail.slice(at, endBytes, "end record")), commentBytes };
  }
  throw new MalformedFile(
    source.path,
    source.length,
    "the zip archive has no end record: it is cut off or damaged",
  );
}

function readEnd(record: Cursor): EndRecord & { readonly endOffset: number } {
  refuseVolumes(record, record.u16(4, "end record"), record.u16(6, "end record"));
  return {
    recordOffset: record.base,
    endOffset: record.base,
    count: record.u16(10, "end record"),
    bytes: record.u32(12, "end record"),
    offset: record.u32(16, "end record"),
  };
}

async function readEnd64(source: ByteSource, endOffset: number): Promise<EndRecord | undefined> {
  const locatorOffset = endOffset - locatorBytes;
  if (locatorOffset < 0) return undefined;
  const bytes = await source.read(locatorOffset, locatorBytes, "zip64 locator");
  const locator = Cursor.ofPart(source.path, bytes, locatorOffset);
  if (locator.u32(0, "zip64 locator") !== locatorMagic) return undefined;
  const recordOffset = await findEnd64(source, locator);
  const content = await source.read(recordOffset, end64Bytes, "zip64 end record");
  const record = Cursor.ofPart(source.path, content, recordOffset);
  refuseVolumes(record, record.u32(16, "zip64 end record"), record.u32(20, "zip64 end record"));
  return {
    recordOffset,
    count: Number(record.u64(32, "zip64 end record")),
    bytes: Number(record.u64(40, "zip64 end record")),
    offset: Number(record.u64(48, "zip64 end record")),
  };
}

/** Where the locator says; bytes before the archive shift it, then it stands right before the locator. */
async function findEnd64(source: ByteSource, locator: Cursor): Promise<number> {
  const candidates = [Number(locator.u64(8, "zip64 locator")), locator.base - end64Bytes];
  for (const candidate of candidates) {
    if (candidate < 0 || candidate + end64Bytes > source.length) continue;
    const magic = await source.read(candidate, 4, "zip64 end record");
    if (Buffer.from(magic).readUInt32LE(0) === end64Magic) return candidate;
  }
  throw locator.malformed(8, "the zip64 end record is not where its locator says");
}

function refuseVolumes(record: Cursor, disk: number, directoryDisk: number): void {
  if (disk !== 0 || directoryDisk !== 0)
    throw record.malformed(4, "the zip archive is a volume of several, which cannot be read");
}
