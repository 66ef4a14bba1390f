// Says what a file is by its first bytes, and of a zip archive by its last.
import type { ByteSource } from "./byte-source.ts";
import { beginsDebianPackage } from "./debian.ts";

/** Formats that can be opened, and those that are known but cannot. */
export type ContentKind = "zip" | "tar" | "gzip" | "deb" | Unsupported | "none";
export type Unsupported = "xz" | "zstd" | "bzip2" | "7z" | "rar" | "cab" | "lzip";

const magics: readonly (readonly [ContentKind, string])[] = [
  ["zip", "PK\x03\x04"],
  ["zip", "PK\x05\x06"],
  ["gzip", "\x1f\x8b"],
  ["xz", "\xfd7zXZ\x00"],
  ["zstd", "\x28\xb5\x2f\xfd"],
  ["bzip2", "BZh"],
  ["7z", "7z\xbc\xaf\x27\x1c"],
  ["rar", "Rar!\x1a\x07"],
  ["cab", "MSCF\x00\x00\x00\x00"],
  ["lzip", "LZIP"],
];

/** Objects and archives of objects: what follows them in the file is their own business. */
const libraryMagics = ["\x7fELF", "MZ", "!<arch>\n", "!<thin>\n", "\0asm"];
const machOMagics: readonly number[] = [
  0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe, 0xcafebabf,
];

const headBytes = 512;
const endOfDirectoryBytes = 22;
const longestComment = 0xffff;

export async function contentKind(source: ByteSource): Promise<ContentKind> {
  const head = await source.read(0, Math.min(headBytes, source.length), "first bytes");
  const text = Buffer.from(head).toString("latin1");
  const found = magics.find(([, magic]) => text.startsWith(magic));
  if (found !== undefined) return found[0];
  if (isTarHeader(head)) return "tar";
  if (beginsDebianPackage(head)) return "deb";
  if (isLibrary(text, head)) return "none";
  return (await endsLikeZip(source)) ? "zip" : "none";
}

export function isTarHeader(head: Uint8Array): boolean {
  if (head.length < headBytes || head[0] === 0) return false;
  const recorded = /^[ 0]*([0-7]+)[ \0]/.exec(Buffer.from(head.subarray(148, 156)).toString("latin1"))?.[1];
  return recorded !== undefined && Number.parseInt(recorded, 8) === tarChecksum(head);
}

/** The sum of all bytes of the header, its own field counted as blanks. */
export function tarChecksum(head: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < headBytes; at += 1) if (at < 148 || at >= 156) sum += head[at] ?? 0;
  return sum;
}

function isLibrary(text: string, head: Uint8Array): boolean {
  if (libraryMagics.some((magic) => text.startsWith(magic))) return true;
  return head.length >= 4 && machOMagics.includes(Buffer.from(head).readUInt32BE(0));
}

/** Something may stand before a zip archive: it is found by its end, which must lead to a directory. */
async function endsLikeZip(source: ByteSource): Promise<boolean> {
  if (source.length < endOfDirectoryBytes) return false;
  const tailBytes = Math.min(source.length, endOfDirectoryBytes + longestComment);
  const tail = Buffer.from(await source.read(source.length - tailBytes, tailBytes, "last bytes"));
  const at = tail.lastIndexOf("PK\x05\x06", tail.length - endOfDirectoryBytes, "latin1");
  if (at < 0) return false;
  const directoryBytes = tail.readUInt32LE(at + 12);
  const start = source.length - tailBytes + at - directoryBytes;
  if (directoryBytes < 4 || start < 0) return false;
  return Buffer.from(await source.read(start, 4, "directory")).toString("latin1") === "PK\x01\x02";
}
