// Writes zip archives for tests, honest ones and each kind of hostile one.
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipPart {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly method?: number;
  readonly flags?: number;
  /** Unix mode with the file type, e.g. 0o120777 for a symbolic link. */
  readonly mode?: number;
  /** What the headers say instead of the truth. */
  readonly claimedBytes?: number;
  readonly claimedChecksum?: number;
  readonly localName?: string;
  /** Sizes in a 64-bit extra field and behind the content, as streaming writers do. */
  readonly zip64?: boolean;
  readonly descriptor?: boolean;
  /** Points to the header of the part with this index instead of an own one. */
  readonly sameAs?: number;
}

/** An archive of the parts; `prefix` stands before it without the offsets knowing. */
export function zipOf(parts: readonly ZipPart[], prefix = Buffer.alloc(0)): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const part of parts) {
    const written = part.sameAs === undefined ? localPart(part) : Buffer.alloc(0);
    const offset = part.sameAs === undefined ? at : (offsets[part.sameAs] ?? 0);
    offsets.push(offset);
    body.push(written);
    directory.push(directoryEntry(part, offset));
    at += written.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([prefix, ...body, central, endRecord(parts.length, central.length, at)]);
}

export function endRecord(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  return end;
}

interface Sizes {
  readonly packed: Buffer;
  readonly bytes: number;
  readonly checksum: number;
}

function sizesOf(part: ZipPart): Sizes {
  const content = Buffer.from(part.content ?? "");
  const packed = (part.method ?? 8) === 8 ? deflateRawSync(content, { level: 9 }) : content;
  return {
    packed,
    bytes: part.claimedBytes ?? content.length,
    checksum: part.claimedChecksum ?? crc32(content),
  };
}

function localPart(part: ZipPart): Buffer {
  const { packed, bytes, checksum } = sizesOf(part);
  const name = Buffer.from(part.localName ?? part.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE((part.flags ?? 0) | (part.descriptor === true ? 8 : 0), 6);
  header.writeUInt16LE(part.method ?? 8, 8);
  header.writeUInt16LE(name.length, 26);
  if (part.descriptor === true) {
    const descriptor = Buffer.alloc(16);
    descriptor.writeUInt32LE(0x08074b50, 0);
    descriptor.writeUInt32LE(checksum, 4);
    descriptor.writeUInt32LE(packed.length, 8);
    descriptor.writeUInt32LE(bytes, 12);
    return Buffer.concat([header, name, packed, descriptor]);
  }
  header.writeUInt32LE(checksum, 14);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(bytes, 22);
  return Buffer.concat([header, name, packed]);
}

function directoryEntry(part: ZipPart, offset: number): Buffer {
  const { packed, bytes, checksum } = sizesOf(part);
  const name = Buffer.from(part.name);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt8(3, 5);
  entry.writeUInt16LE((part.flags ?? 0) | (part.descriptor === true ? 8 : 0), 8);
  entry.writeUInt16LE(part.method ?? 8, 10);
  entry.writeUInt16LE((2026 - 1980) * 512 + 11 * 32 + 23, 14);
  entry.writeUInt32LE(checksum, 16);
  entry.writeUInt32LE(part.zip64 === true ? 0xffffffff : packed.length, 20);
  entry.writeUInt32LE(part.zip64 === true ? 0xffffffff : bytes, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 38);
  entry.writeUInt32LE(part.zip64 === true ? 0xffffffff : offset, 42);
  if (part.zip64 !== true) return Buffer.concat([entry, name]);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(bytes), 4);
  extra.writeBigUInt64LE(BigInt(packed.length), 12);
  extra.writeBigUInt64LE(BigInt(offset), 20);
  entry.writeUInt16LE(extra.length, 30);
  return Buffer.concat([entry, name, extra]);
}
