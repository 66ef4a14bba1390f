// Reads the code signature of a Mach-O file and compares the hash of every page, as the kernel does.
import { createHash } from "node:crypto";
import type { Cursor } from "./cursor.ts";
import type { MachOSignature } from "./facts.ts";

const superBlobMagic = 0xfade0cc0;
const codeDirectoryMagic = 0xfade0c02;
const adHocFlag = 2;
/** Code-directory hash types. */
const hashNames: Readonly<Record<number, string>> = { 1: "sha1", 2: "sha256", 3: "sha256", 4: "sha384" };
/** Pages are 4 KiB or 16 KiB; smaller ones would make hashing cost more than reading. */
const smallestPageShift = 12;
const largestPageShift = 16;

export function readSignature(file: Cursor, command: Cursor | undefined): MachOSignature {
  if (command === undefined) return { kind: "none" };
  const start = command.u32(8, "LC_CODE_SIGNATURE");
  const bytes = command.u32(12, "LC_CODE_SIGNATURE");
  // The signature is big endian, whatever the file is.
  const blob = file.slice(start, bytes, "code signature").ordered(false);
  const directory = strongestDirectory(blob);
  const adHoc = (directory.u32(12, "code directory flags") & adHocFlag) !== 0;
  return {
    kind: adHoc ? "adhoc" : "other",
    section: "LC_CODE_SIGNATURE",
    offset: directory.base,
    ...comparePages(file, directory, start),
  };
}

/** A signature may carry one code directory for old systems and a stronger one for the rest. */
function strongestDirectory(blob: Cursor): Cursor {
  if (blob.u32(0, "code signature") !== superBlobMagic)
    throw blob.malformed(0, "code signature has no super blob");
  const directories: Cursor[] = [];
  for (const entry of blob.records(12, blob.u32(8, "code signature"), 8, "code signature index")) {
    const at = entry.u32(4, "code signature index");
    if (blob.u32(at, "code signature blob") !== codeDirectoryMagic) continue;
    directories.push(blob.slice(at, blob.u32(at + 4, "code directory size"), "code directory"));
  }
  directories.sort((left, right) => right.u8(37, "hash type") - left.u8(37, "hash type"));
  const [strongest] = directories;
  if (strongest === undefined) throw blob.malformed(0, "code signature has no code directory");
  return strongest;
}

function comparePages(
  file: Cursor,
  directory: Cursor,
  signatureStart: number,
): { pages: number; badPages: number[] } {
  const hashName = hashNames[directory.u8(37, "hash type")];
  if (hashName === undefined) throw directory.malformed(37, "code directory: unknown hash type");
  const shift = directory.u8(39, "page size");
  if (shift < smallestPageShift || shift > largestPageShift)
    throw directory.malformed(39, `code directory: page size 2^${shift} is neither 4 KiB nor 16 KiB`);
  const hashBytes = directory.u8(36, "hash size");
  const pageBytes = 2 ** shift;
  const slots = directory.u32(28, "number of code slots");
  const hashes = directory.slice(directory.u32(16, "hash offset"), slots * hashBytes, "page hashes");
  // Everything before the signature must be covered: a shorter limit leaves bytes that nobody vouches for.
  const limit = directory.u32(32, "code limit");
  const pages = Math.ceil(signatureStart / pageBytes);
  const badPages: number[] = [];
  for (let page = 0; page < pages; page += 1) {
    const end = Math.min((page + 1) * pageBytes, signatureStart);
    const covered = page < slots && end <= limit;
    const content = file.slice(page * pageBytes, end - page * pageBytes, "page").bytes;
    const actual = createHash(hashName).update(content).digest().subarray(0, hashBytes);
    if (!covered || !actual.equals(hashes.slice(page * hashBytes, hashBytes, "page hash").bytes))
      badPages.push(page);
  }
  return { pages, badPages };
}
