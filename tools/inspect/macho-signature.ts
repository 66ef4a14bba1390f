// Reads the code signature of a Mach-O file and compares the hash of every page, as the kernel does.
import { createHash } from "node:crypto";
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import type { MachOSignature } from "./macho-facts.ts";

const superBlobMagic = 0xfade0cc0;
const codeDirectoryMagic = 0xfade0c02;
const adHocFlag = 2;
/** First version of the code directory with a team identifier. */
const teamVersion = 0x20200;
/** Code-directory hash types. */
const hashNames: Readonly<Record<number, string>> = { 1: "sha1", 2: "sha256", 3: "sha256", 4: "sha384" };
/** Pages are 4 KiB or 16 KiB; smaller ones would make hashing cost more than reading. */
const smallestPageShift = 12;
const largestPageShift = 16;
/** Blobs of the signature whose hash stands in the code directory, before those of the pages. */
const hashedParts: Readonly<Record<number, string>> = {
  2: "requirements",
  5: "entitlements",
  7: "DER entitlements",
};
const entitlementsSlot = 5;
const cmsSlot = 0x10000;

export function readSignature(file: Cursor, command: Cursor | undefined): MachOSignature {
  if (command === undefined) return { kind: "none" };
  const start = command.u32(8, "LC_CODE_SIGNATURE");
  const bytes = command.u32(12, "LC_CODE_SIGNATURE");
  // The signature is big endian, whatever the file is.
  const signature = file.slice(start, bytes, "code signature").ordered(false);
  const blobs = readBlobs(signature);
  const directory = strongestDirectory(signature, blobs);
  const flags = directory.content.u32(12, "code directory flags");
  const entitlements = blobs.find(({ slot }) => slot === entitlementsSlot)?.content;
  return {
    kind: kindOf(flags, blobs),
    section: "LC_CODE_SIGNATURE",
    offset: directory.content.base,
    ...comparePages(file, directory, start),
    ...readIdentity(directory.content),
    hash: directory.hash,
    flags: { section: "code directory flags", offset: directory.content.base + 12, value: flags },
    directories: blobs.filter(isDirectory).length,
    badParts: compareParts(directory, blobs),
    entitlements:
      entitlements === undefined
        ? undefined
        : entitlements.paddedString(8, entitlements.length - 8, "entitlements"),
  };
}

interface Blob {
  readonly slot: number;
  readonly content: Cursor;
}

interface CodeDirectory {
  readonly content: Cursor;
  readonly hash: string;
  readonly hashBytes: number;
  readonly hashesAt: number;
}

function readBlobs(signature: Cursor): Blob[] {
  if (signature.u32(0, "code signature") !== superBlobMagic)
    throw signature.malformed(0, "code signature has no super blob");
  const index = signature.records(12, signature.u32(8, "code signature"), 8, "code signature index");
  return [...index].map((entry) => {
    const at = entry.u32(4, "code signature index");
    const content = signature.slice(at, signature.u32(at + 4, "size of blob"), "code signature blob");
    if (content.length < 8) throw content.malformed(0, "code signature blob is less than its own header");
    return { slot: entry.u32(0, "code signature index"), content };
  });
}

function isDirectory({ content }: Blob): boolean {
  return content.u32(0, "code signature blob") === codeDirectoryMagic;
}

/** A signature may carry one code directory for old systems and a stronger one for the rest. */
function strongestDirectory(signature: Cursor, blobs: readonly Blob[]): CodeDirectory {
  const directories = blobs.filter(isDirectory).map(({ content }) => content);
  directories.sort((left, right) => right.u8(37, "hash type") - left.u8(37, "hash type"));
  const [content] = directories;
  if (content === undefined) throw signature.malformed(0, "code signature has no code directory");
  const hash = hashNames[content.u8(37, "hash type")];
  if (hash === undefined) throw content.malformed(37, "code directory: unknown hash type");
  return {
    content,
    hash,
    hashBytes: content.u8(36, "hash size"),
    hashesAt: content.u32(16, "hash offset"),
  };
}

function kindOf(flags: number, blobs: readonly Blob[]): "adhoc" | "certificate" | "other" {
  if ((flags & adHocFlag) !== 0) return "adhoc";
  // An empty wrapper of eight bytes stands where nobody signed.
  return blobs.some(({ slot, content }) => slot === cmsSlot && content.length > 8) ? "certificate" : "other";
}

function readIdentity(directory: Cursor): { identifier: Located<string>; team: string | undefined } {
  const at = directory.u32(20, "identifier offset");
  const teamAt =
    directory.u32(8, "code directory version") >= teamVersion ? directory.u32(48, "team offset") : 0;
  return {
    identifier: {
      section: "code directory identifier",
      offset: directory.base + at,
      value: directory.string(at, "identifier"),
    },
    team: teamAt === 0 ? undefined : directory.string(teamAt, "team"),
  };
}

function comparePages(
  file: Cursor,
  { content: directory, hash, hashBytes, hashesAt }: CodeDirectory,
  signatureStart: number,
): { pages: number; badPages: number[]; pageBytes: number } {
  const shift = directory.u8(39, "page size");
  if (shift < smallestPageShift || shift > largestPageShift)
    throw directory.malformed(39, `code directory: page size 2^${shift} is neither 4 KiB nor 16 KiB`);
  const pageBytes = 2 ** shift;
  const slots = directory.u32(28, "number of code slots");
  const hashes = directory.slice(hashesAt, slots * hashBytes, "page hashes");
  // Everything before the signature must be covered: a shorter limit leaves bytes that nobody vouches for.
  const limit = directory.u32(32, "code limit");
  const pages = Math.ceil(signatureStart / pageBytes);
  const badPages: number[] = [];
  for (let page = 0; page < pages; page += 1) {
    const end = Math.min((page + 1) * pageBytes, signatureStart);
    const covered = page < slots && end <= limit;
    const content = file.slice(page * pageBytes, end - page * pageBytes, "page");
    const actual = digest(hash, content, hashBytes);
    if (!covered || !actual.equals(hashes.slice(page * hashBytes, hashBytes, "page hash").bytes))
      badPages.push(page);
  }
  return { pages, badPages, pageBytes };
}

function compareParts(directory: CodeDirectory, blobs: readonly Blob[]): string[] {
  const { content, hash, hashBytes, hashesAt } = directory;
  const slots = content.u32(24, "number of special slots");
  const seen = new Set<number>();
  return blobs.flatMap(({ slot, content: blob }) => {
    const name = hashedParts[slot];
    if (name === undefined) return [];
    if (seen.has(slot)) throw blob.malformed(0, `code signature: ${name} stands twice`);
    seen.add(slot);
    if (slot > slots) return [name];
    // Hashes of these parts stand before those of the pages, counted backwards.
    const expected = content.slice(hashesAt - slot * hashBytes, hashBytes, `hash of ${name}`).bytes;
    return digest(hash, blob, hashBytes).equals(expected) ? [] : [name];
  });
}

function digest(name: string, part: Cursor, bytes: number): Buffer {
  return createHash(name).update(part.bytes).digest().subarray(0, bytes);
}
