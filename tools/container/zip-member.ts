// Reads one member of a zip archive: the header before it, its content, and whether the two keep what was promised.
import { crc32, inflateRawSync } from "node:zlib";
import { Cursor } from "../inspect/cursor.ts";
import { refuseLarge, type ByteSource } from "./byte-source.ts";
import { isBomb, type Limits } from "./limits.ts";
import { flaw, Unreadable, type Flaw } from "./stored-entry.ts";
import type { ZipHeader } from "./zip-headers.ts";

const localMagic = 0x04034b50;
const localBytes = 30;
const encryptedFlag = 1;
const descriptorFlag = 8;
const stored = 0;
const deflated = 8;
const methodNames: Readonly<Record<number, string>> = {
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "Zstandard",
  95: "xz",
  99: "AES encryption",
};

/** `dataOffset` is undefined where there is no such header, so that nothing is to be read. */
export async function compareLocalHeader(
  source: ByteSource,
  header: ZipHeader,
): Promise<{ flaws: Flaw[]; dataOffset: number | undefined }> {
  const { name, localOffset } = header;
  const wrong = (message: string): Flaw => flaw("local-header", localOffset, message, name);
  const fits = localOffset >= 0 && localOffset + localBytes <= source.length;
  if (!fits)
    return { flaws: [wrong("the header of its content is outside the file")], dataOffset: undefined };
  const local = await readAt(source, localOffset, localBytes);
  if (local.u32(0, "local header") !== localMagic)
    return { flaws: [wrong("no header stands before its content")], dataOffset: undefined };
  const nameBytes = local.u16(26, "local header");
  const dataOffset = localOffset + localBytes + nameBytes + local.u16(28, "local header");
  if (dataOffset + header.compressedBytes > source.length)
    return { flaws: [wrong("its content reaches beyond the end of the file")], dataOffset: undefined };
  const localName = await readAt(source, localOffset + localBytes, nameBytes);
  return { flaws: differences(local, localName, header).map(wrong), dataOffset };
}

/** Programs that read the one and programs that read the other would see two archives. */
function differences(local: Cursor, name: Cursor, header: ZipHeader): string[] {
  const found: string[] = [];
  if (!Buffer.from(name.bytes).equals(header.rawName))
    found.push(
      `the header before its content names ${JSON.stringify(Buffer.from(name.bytes).toString("utf8"))}`,
    );
  if (local.u16(8, "local header") !== header.method)
    found.push("the header before its content names another method");
  const described = (local.u16(6, "local header") & descriptorFlag) !== 0;
  const narrow = local.u32(18, "local header");
  // Sizes of 0 or all ones stand elsewhere: behind the content, or in a 64-bit field.
  if (!described && narrow !== 0xffffffff && narrow !== header.compressedBytes)
    found.push(`the header before its content says ${narrow} bytes, the directory ${header.compressedBytes}`);
  return found;
}

export async function readZipMember(
  source: ByteSource,
  header: ZipHeader,
  dataOffset: number,
  limits: Limits,
): Promise<Uint8Array> {
  const { name, method, flags, bytes, compressedBytes, localOffset } = header;
  if ((flags & encryptedFlag) !== 0) throw new Unreadable("encrypted", localOffset, "is encrypted");
  if (method !== stored && method !== deflated) {
    const known = methodNames[method] ?? `number ${method}`;
    throw new Unreadable(
      "unsupported",
      localOffset,
      `is compressed by a method that is not read here: ${known}`,
    );
  }
  refuseLarge(Math.max(bytes, compressedBytes), limits.memberBytes, localOffset, name);
  if (isBomb(limits, compressedBytes, bytes))
    throw new Unreadable("bomb", localOffset, `unpacks from ${compressedBytes} to ${bytes} bytes`);
  const packed = await source.read(dataOffset, compressedBytes, `content of ${name}`);
  const content = method === stored ? packed : inflate(packed, header, dataOffset);
  if (content.length !== bytes)
    throw new Unreadable(
      "size",
      localOffset,
      `unpacks to ${content.length} bytes, the directory says ${bytes}`,
    );
  if (crc32(content) !== header.checksum)
    throw new Unreadable("checksum", localOffset, "the CRC of its content is not the one in the directory");
  return content;
}

/** Never more than the promised size is unpacked. */
function inflate(packed: Uint8Array, { bytes, localOffset }: ZipHeader, dataOffset: number): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (error) {
    if (errorCode(error) === "ERR_BUFFER_TOO_LARGE")
      throw new Unreadable("size", localOffset, `unpacks to more than the ${bytes} bytes of the directory`);
    throw new Unreadable("unreadable", dataOffset, `its content is damaged: ${messageOf(error)}`);
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function readAt(source: ByteSource, offset: number, length: number): Promise<Cursor> {
  return Cursor.ofPart(source.path, await source.read(offset, length, "local header"), offset);
}
