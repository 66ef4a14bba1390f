// Reads the version and the manifest among the resources of a PE image.
import type { Cursor } from "./cursor.ts";
import type { Place } from "./facts.ts";
import type { PeVersion } from "./pe-facts.ts";
import { atAddress, directory, directoryOf, type PeImage } from "./pe-image.ts";

const RT_VERSION = 16;
const RT_MANIFEST = 24;
const subdirectoryBit = 0x80000000;
const fixedInfoMagic = 0xfeef04bd;
/** Type, name, language: a leaf is three directories down. */
const levels = 3;

export function readResources(image: PeImage): { version?: PeVersion; manifest?: Place } {
  const range = directoryOf(image, directory.resources);
  if (range === undefined) return {};
  const root = atAddress(image, range.address, "resources");
  const version = firstOfType(image, root, RT_VERSION);
  const manifest = firstOfType(image, root, RT_MANIFEST);
  return {
    ...(version === undefined ? {} : { version: readVersion(version) }),
    ...(manifest === undefined
      ? {}
      : { manifest: { section: "resource RT_MANIFEST", offset: manifest.base } }),
  };
}

/** The content of the first resource of a type, in its first language. */
function firstOfType(image: PeImage, root: Cursor, type: number): Cursor | undefined {
  let at = entries(root, 0).find(({ id }) => id === type)?.target;
  for (let level = 1; at !== undefined && level < levels && isDirectory(at); level += 1)
    at = entries(root, at - subdirectoryBit)[0]?.target;
  if (at === undefined || isDirectory(at)) return undefined;
  const address = root.u32(at, "resource address");
  return atAddress(image, address, "resource").slice(0, root.u32(at + 4, "resource size"), "resource");
}

function isDirectory(target: number): boolean {
  return target >= subdirectoryBit;
}

function entries(root: Cursor, at: number): { readonly id: number; readonly target: number }[] {
  const count = root.u16(at + 12, "resource directory") + root.u16(at + 14, "resource directory");
  return [...root.records(at + 16, count, 8, "resource directory")].map((entry) => ({
    id: entry.u32(0, "resource identifier"),
    target: entry.u32(4, "resource entry"),
  }));
}

/** A block of VS_VERSIONINFO: lengths, key, padding, value, padding, blocks inside it. */
interface Block {
  readonly key: string;
  readonly value: Cursor;
  readonly children: Cursor;
}

function readVersion(content: Cursor): PeVersion {
  const root = readBlock(content, 0);
  const fixed = root.value;
  const known = fixed.length >= 24 && fixed.u32(0, "fixed version") === fixedInfoMagic;
  const number = (at: number): string =>
    [at + 2, at, at + 6, at + 4].map((part) => fixed.u16(part, "fixed version")).join(".");
  return {
    section: "resource RT_VERSION",
    offset: content.base,
    file: known ? number(8) : "",
    product: known ? number(16) : "",
    texts: readTexts(root),
  };
}

function readTexts(root: Block): PeVersion["texts"] {
  const strings = blocks(root.children).find(({ key }) => key === "StringFileInfo");
  const table = strings === undefined ? undefined : blocks(strings.children)[0];
  if (table === undefined) return [];
  return blocks(table.children).map(({ key, value }) => ({ key, value: wideText(value, 0).text }));
}

function blocks(part: Cursor): Block[] {
  const found: Block[] = [];
  for (let at = 0; at + 6 <= part.length;) {
    const bytes = part.u16(at, "version block");
    // Padding after the last block.
    if (bytes < 6) break;
    found.push(readBlock(part, at));
    at = roundUp(at + bytes);
  }
  return found;
}

function readBlock(part: Cursor, at: number): Block {
  const block = part.slice(at, part.u16(at, "version block"), "version block");
  const isText = block.u16(4, "version block") === 1;
  // The length of a text counts its characters, of other values its bytes.
  const valueBytes = block.u16(2, "version block") * (isText ? 2 : 1);
  const { text: key, end } = wideText(block, 6);
  const valueAt = Math.min(roundUp(end), block.length);
  const value = block.slice(valueAt, Math.min(valueBytes, block.length - valueAt), "version value");
  const childrenAt = Math.min(roundUp(valueAt + value.length), block.length);
  return { key, value, children: block.from(childrenAt, "version block") };
}

/** UTF-16 up to a zero character or the end of the part. */
function wideText(part: Cursor, start: number): { text: string; end: number } {
  let end = start;
  while (end + 2 <= part.length && part.u16(end, "version text") !== 0) end += 2;
  const bytes = part.slice(start, end - start, "version text").bytes;
  const text = Buffer.from(bytes).toString("utf16le");
  return { text, end: Math.min(end + 2, part.length) };
}

/** Keys, values and blocks begin on four bytes. */
function roundUp(value: number): number {
  return Math.ceil(value / 4) * 4;
}
