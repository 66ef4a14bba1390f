// Reads `ar` archives: GNU, BSD and COFF flavours, and the index of thin ones.
import type { Cursor } from "./cursor.ts";
import type { ArchiveFacts, ArchiveMember, ObjectFacts } from "./facts.ts";

const magic = "!<arch>\n";
const thinMagic = "!<thin>\n";
const headerBytes = 60;

/** Reads a member's content; undefined when it is no object. */
export type ObjectReader = (member: Cursor) => ObjectFacts | undefined;

export function isArchive(file: Cursor): boolean {
  return file.startsWith(magic) || file.startsWith(thinMagic);
}

export function readArchive(unordered: Cursor, readObject: ObjectReader): ArchiveFacts {
  const file = unordered.ordered(true);
  const thin = file.startsWith(thinMagic);
  const entries = readEntries(file, thin);
  const longNames = entries.find(({ rawName }) => rawName === "//")?.content;
  const indexes = entries.filter(({ rawName, bsdName }) => isIndex(bsdName ?? rawName));
  const members = entries
    .filter(({ rawName, bsdName }) => rawName !== "//" && !isIndex(bsdName ?? rawName))
    .map((entry) => readMember(entry, longNames, thin ? undefined : readObject));
  return {
    format: "archive",
    flavour: thin ? "thin" : flavourOf(entries, indexes),
    members,
    index: indexes[0] === undefined ? [] : readIndex(indexes[0]),
  };
}

interface Entry {
  readonly rawName: string;
  /** Name stored before the content (`#1/length`). */
  readonly bsdName: string | undefined;
  readonly content: Cursor;
  /** Size in the header; a thin archive has no content for it. */
  readonly bytes: number;
}

function readEntries(file: Cursor, thin: boolean): Entry[] {
  const entries: Entry[] = [];
  let at = magic.length;
  while (at < file.length) {
    const header = file.slice(at, headerBytes, "archive member header");
    if (header.u16(58, "archive member header") !== 0x0a60)
      throw file.malformed(at + 58, "archive member header is not ended by a backquote and a newline");
    const rawName = header.paddedString(0, 16, "member name").trimEnd();
    const bytes = decimal(header, 48, 10);
    const stored = thin && rawName !== "//" && !isIndex(rawName) ? 0 : bytes;
    const content = file.slice(at + headerBytes, stored, `archive member ${rawName}`);
    entries.push(withBsdName(rawName, content, bytes));
    at += headerBytes + stored + (stored % 2);
  }
  return entries;
}

function decimal(header: Cursor, offset: number, length: number): number {
  const text = header.paddedString(offset, length, "member size").trim();
  if (!/^\d+$/.test(text)) throw header.malformed(offset, `archive member size "${text}" is not a number`);
  return Number(text);
}

function withBsdName(rawName: string, content: Cursor, bytes: number): Entry {
  const nameBytes = /^#1\/(\d+)$/.exec(rawName)?.[1];
  if (nameBytes === undefined) return { rawName, bsdName: undefined, content, bytes };
  const length = Number(nameBytes);
  const bsdName = content.paddedString(0, length, "member name");
  return { rawName, bsdName, content: content.from(length, "member content"), bytes: bytes - length };
}

function isIndex(name: string): boolean {
  return name === "/" || name === "/SYM64/" || name.startsWith("__.SYMDEF");
}

function readMember(
  entry: Entry,
  longNames: Cursor | undefined,
  readObject: ObjectReader | undefined,
): ArchiveMember {
  return {
    name: memberName(entry, longNames),
    offset: entry.content.base,
    bytes: entry.bytes,
    object: readObject?.(entry.content),
  };
}

function memberName(entry: Entry, longNames: Cursor | undefined): string {
  if (entry.bsdName !== undefined) return entry.bsdName;
  const reference = /^\/(\d+)$/.exec(entry.rawName)?.[1];
  if (reference === undefined) return entry.rawName.replace(/\/$/, "");
  if (longNames === undefined)
    throw entry.content.malformed(0, "a long member name without a table of long names");
  const start = Number(reference);
  const rest = longNames.from(start, "long member name");
  // GNU ends a long name by "/\n", COFF by a zero byte.
  const end = rest.bytes.findIndex((byte) => byte === 0x0a || byte === 0);
  return longNames.paddedString(start, end < 0 ? rest.length : end, "long member name").replace(/\/$/, "");
}

function flavourOf(entries: readonly Entry[], indexes: readonly Entry[]): "gnu" | "bsd" | "coff" {
  if (entries.some(({ bsdName, rawName }) => bsdName !== undefined || rawName.startsWith("__.SYMDEF")))
    return "bsd";
  // The COFF flavour carries a second, sorted index under the same name.
  return indexes.length === 2 ? "coff" : "gnu";
}

function readIndex({ rawName, bsdName, content }: Entry): string[] {
  if (rawName === "/") return readGnuIndex(content, 4);
  if (rawName === "/SYM64/") return readGnuIndex(content, 8);
  return readBsdIndex(content, (bsdName ?? rawName).includes("_64") ? 8 : 4);
}

/** Count and member offsets, big endian; then that many names, each ended by a zero byte. */
function readGnuIndex(content: Cursor, wordBytes: 4 | 8): string[] {
  const count = Number(content.ordered(false).word(0, wordBytes === 8 ? 64 : 32, "archive index"));
  const names = content.slice(wordBytes, count * wordBytes, "archive index").length + wordBytes;
  const index: string[] = [];
  let at = names;
  while (index.length < count) {
    const start = at;
    const end = content.bytes.indexOf(0, start);
    if (end < 0) throw content.malformed(start, "archive index has fewer names than entries");
    index.push(content.paddedString(start, end - start, "archive index"));
    at = end + 1;
  }
  return index;
}

/** Byte length of pairs (name offset, member offset), the pairs, byte length of names, names. */
function readBsdIndex(content: Cursor, wordBytes: 4 | 8): string[] {
  const bits = wordBytes === 8 ? 64 : 32;
  const pairBytes = content.word(0, bits, "archive index");
  const names = content.from(pairBytes + BigInt(wordBytes * 2), "archive index names");
  const count = pairBytes / BigInt(wordBytes * 2);
  return [...content.records(wordBytes, count, wordBytes * 2, "archive index")].map((pair) =>
    names.string(pair.word(0, bits, "archive index entry"), "archive index name"),
  );
}
