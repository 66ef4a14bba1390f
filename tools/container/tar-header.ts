// Reads the 512-byte headers of a tar archive and the extended headers (pax, GNU) that go before them.
import { Cursor } from "../inspect/cursor.ts";
import { tarChecksum } from "./content-kind.ts";

export const blockBytes = 512;

export interface TarHeader {
  /** The character that says what the entry is. */
  readonly type: string;
  readonly name: string;
  readonly linkTarget: string;
  readonly bytes: number;
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  readonly modified: number;
  readonly offset: number;
}

/** Values of an extended header, which replace those of the next header. */
export type Extended = ReadonlyMap<string, string>;

export function readTarHeader(path: string, block: Uint8Array, offset: number): TarHeader {
  const header = Cursor.ofPart(path, block, offset);
  const recorded = number(header, 148, 8, "checksum");
  const actual = tarChecksum(block);
  if (recorded !== actual)
    throw header.malformed(148, `tar header: the checksum is ${actual}, ${recorded} is recorded`);
  const isPosix = header.paddedString(257, 5, "magic") === "ustar";
  const prefix = isPosix ? header.paddedString(345, 155, "name") : "";
  const name = header.paddedString(0, 100, "name");
  return {
    type: String.fromCharCode(header.u8(156, "type")),
    // GNU's own variant has other fields where the prefix would be; its magic goes on with a blank.
    name: prefix !== "" && header.u8(262, "magic") === 0 ? `${prefix}/${name}` : name,
    linkTarget: header.paddedString(157, 100, "link"),
    bytes: number(header, 124, 12, "size"),
    mode: number(header, 100, 8, "mode") & 0o7777,
    owner: number(header, 108, 8, "owner"),
    group: number(header, 116, 8, "group"),
    modified: number(header, 136, 12, "time"),
    offset,
  };
}

/** Octal digits, or a binary number where the first bit is set. */
function number(header: Cursor, at: number, length: number, what: string): number {
  const first = header.u8(at, what);
  if (first >= 0x80) return binary(header, at, length, what);
  const text = header.paddedString(at, length, what).trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text))
    throw header.malformed(at, `tar header: ${what} ${JSON.stringify(text)} is no number`);
  return Number.parseInt(text, 8);
}

function binary(header: Cursor, at: number, length: number, what: string): number {
  let value = header.u8(at, what) & 0x3f;
  // The second bit makes it negative: a time before 1970 is possible, a size is not.
  const isNegative = (header.u8(at, what) & 0x40) !== 0;
  for (let index = 1; index < length; index += 1) value = value * 256 + header.u8(at + index, what);
  if (isNegative && what === "time") return 0;
  if (isNegative || !Number.isSafeInteger(value))
    throw header.malformed(at, `tar header: ${what} is out of range`);
  return value;
}

/** Lines "length key=value", where the length counts the whole line. */
export function readPax(path: string, content: Uint8Array, offset: number): Extended {
  const part = Cursor.ofPart(path, content, offset);
  const values = new Map<string, string>();
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(0x20, at);
    const digits = blank < 0 ? "" : part.fixedString(at, Math.min(blank - at, 20), "pax header");
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    if (length <= digits.length + 1) throw part.malformed(at, "pax header: a line has no length");
    const line = part.fixedString(blank + 1, length - digits.length - 2, "pax header");
    const equals = line.indexOf("=");
    if (equals < 0) throw part.malformed(at, "pax header: a line has no value");
    values.set(line.slice(0, equals), line.slice(equals + 1));
    at += length;
  }
  return values;
}

/** Fields that an extended header may replace. */
export function withExtended(header: TarHeader, extended: Extended): TarHeader {
  const numeric = (key: string, fallback: number): number => {
    const text = extended.get(key);
    return text !== undefined && /^\d+(\.\d*)?$/.test(text) ? Math.floor(Number(text)) : fallback;
  };
  return {
    ...header,
    name: extended.get("path") ?? header.name,
    linkTarget: extended.get("linkpath") ?? header.linkTarget,
    bytes: numeric("size", header.bytes),
    owner: numeric("uid", header.owner),
    group: numeric("gid", header.group),
    modified: numeric("mtime", header.modified),
  };
}
