// Reads `ar` archives: GNU, BSD and COFF flavours, and the index of thin ones.
import type { ArchiveFacts, ArchiveMember } from "./archive-facts.ts";
import { readIndex } from "./archive-index.ts";
import type { Cursor } from "./cursor.ts";
import type { ObjectFacts } from "./facts.ts";

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
    .filter(({ rawName, bsdName }) => !isSpecial(bsdName ?? rawName))
    .map((entry) => readMember(entry, longNames, thin ? undefined : readObject));
  const [index] = indexes;
  return {
    format: "archive",
    flavour: thin ? "thin" : flavourOf(entries, indexes),
    members,
    ...(index === undefined
      ? { index: [], indexEntries: [], indexTable: undefined }
      : readIndex(index.bsdName ?? index.rawName, index.content, membersByHeader(file, members))),
  };
}

/** An archive member as it stands, the index and the table of long names among them. */
interface Entry {
  readonly rawName: string;
  /** Name stored before the content (`#1/length`). */
  readonly bsdName: string | undefined;
  readonly header: Cursor;
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
    const bytes = numeric(header, 48, 10, 10);
    if (bytes === undefined) throw header.malformed(48, "archive member has no size");
    const stored = thin && !isSpecial(rawName) ? 0 : bytes;
    const content = file.slice(at + headerBytes, stored, `archive member ${rawName}`);
    entries.push(withBsdName(rawName, header, content, bytes));
    at += headerBytes + stored + (stored % 2);
  }
  return entries;
}

/** A number in text; undefined where the field is empty. Some tools write "-1" as owner and group. */
function numeric(header: Cursor, offset: number, length: number, radix: 8 | 10): number | undefined {
  const text = header.paddedString(offset, length, "member header field").trim();
  if (text === "") return undefined;
  if (!(radix === 8 ? /^[0-7]+$/ : /^-?\d+$/).test(text))
    throw header.malformed(offset, `archive member header: "${text}" is not a number`);
  const value = Number.parseInt(text, radix);
  if (offset === 48 && value < 0)
    throw header.malformed(offset, `archive member size "${text}" is not a number`);
  return value;
}

function withBsdName(rawName: string, header: Cursor, content: Cursor, bytes: number): Entry {
  const nameBytes = /^#1\/(\d+)$/.exec(rawName)?.[1];
  if (nameBytes === undefined) return { rawName, bsdName: undefined, header, content, bytes };
  const length = Number(nameBytes);
  const bsdName = content.paddedString(0, length, "member name");
  const rest = content.from(length, "member content");
  return { rawName, bsdName, header, content: rest, bytes: bytes - length };
}

/** Members that describe the archive: the table of long names, the index, and Microsoft's map of ARM64EC symbols. */
function isSpecial(name: string): boolean {
  return name === "//" || name === "/<ECSYMBOLS>/" || isIndex(name);
}

function isIndex(name: string): boolean {
  return name === "/" || name === "/SYM64/" || name.startsWith("__.SYMDEF");
}

function readMember(
  entry: Entry,
  longNames: Cursor | undefined,
  readObject: ObjectReader | undefined,
): ArchiveMember {
  const { header } = entry;
  return {
    name: memberName(entry, longNames),
    headerOffset: header.base,
    offset: entry.content.base,
    bytes: entry.bytes,
    modified: numeric(header, 16, 12, 10),
    owner: numeric(header, 28, 6, 10),
    group: numeric(header, 34, 6, 10),
    mode: numeric(header, 40, 8, 8),
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

/** Names of members by the offset of their header in the archive, which a fat file may hold at any place. */
function membersByHeader(file: Cursor, members: readonly ArchiveMember[]): ReadonlyMap<number, string> {
  return new Map(members.map(({ headerOffset, name }) => [headerOffset - file.base, name]));
}
