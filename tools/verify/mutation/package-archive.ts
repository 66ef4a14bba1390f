// Takes zip and tar.gz packages apart and writes them again, for mutations; shares no code with the reader of containers.
import { gunzipSync, gzipSync, inflateRawSync } from "node:zlib";
import { tarOf } from "../../container/hostile-tar.ts";
import { zipOf } from "../../container/hostile-zip.ts";

export type PackageForm = "zip" | "tar.gz";

export interface PackagePart {
  readonly name: string;
  readonly content: Buffer;
  /** Permission bits. */
  readonly mode: number;
  readonly symlink?: string;
}

export interface TakenApart {
  readonly form: PackageForm;
  readonly parts: readonly PackagePart[];
}

export interface PutTogether {
  readonly bytes: Buffer;
  /** Where each part's header begins, in the archive or in what it unpacks to; of parts of one name the last. */
  readonly offsets: ReadonlyMap<string, number>;
}

/** Folders are left out: archives need none. */
export function takeApart(file: Buffer): TakenApart {
  const isGzip = file.readUInt16BE(0) === 0x1f8b;
  const parts = isGzip ? tarParts(gunzipSync(file)) : zipParts(file);
  return { form: isGzip ? "tar.gz" : "zip", parts: parts.filter(({ name }) => !name.endsWith("/")) };
}

export function putTogether({ form, parts }: TakenApart): PutTogether {
  return form === "zip" ? zipped(parts) : tarred(parts);
}

/** Nothing is deflated: tests need no small archives, and some need large ones. */
const stored = 0;
const symlinkType = 0o120000;
const fileType = 0o100000;
const typeMask = 0o170000;

function zipped(parts: readonly PackagePart[]): PutTogether {
  const written = parts.map(({ name, content, mode, symlink }) => ({
    name,
    method: stored,
    content: symlink ?? content,
    mode: mode | (symlink === undefined ? fileType : symlinkType),
  }));
  const bytes = zipOf(written);
  return { bytes, offsets: new Map(directoryEntries(bytes).map(({ name, header }) => [name, header])) };
}

function tarred(parts: readonly PackagePart[]): PutTogether {
  const written = parts.map(({ name, content, mode, symlink }) => ({
    name,
    mode,
    ...(symlink === undefined ? { content } : { type: "2", link: symlink }),
  }));
  const offsets = new Map<string, number>();
  let at = 0;
  for (const { name, content } of parts) {
    if (Buffer.byteLength(name) > 100) throw new Error(`${name}: too long for this writer`);
    offsets.set(name, at);
    at += 512 + Math.ceil(content.length / 512) * 512;
  }
  return { bytes: gzipSync(tarOf(written), { level: 0 }), offsets };
}

interface DirectoryEntry {
  readonly name: string;
  readonly header: number;
  readonly mode: number;
  readonly method: number;
  readonly packedBytes: number;
}

function directoryEntries(file: Buffer): DirectoryEntry[] {
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const entries: DirectoryEntry[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameBytes = file.readUInt16LE(at + 28);
    entries.push({
      name: file.toString("utf8", at + 46, at + 46 + nameBytes),
      header: file.readUInt32LE(at + 42),
      mode: file.readUInt16LE(at + 40),
      method: file.readUInt16LE(at + 10),
      packedBytes: file.readUInt32LE(at + 20),
    });
    at += 46 + nameBytes + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return entries;
}

function zipParts(file: Buffer): PackagePart[] {
  return directoryEntries(file).map(({ name, header, mode, method, packedBytes }) => {
    const start = header + 30 + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28);
    const packed = file.subarray(start, start + packedBytes);
    const content = method === stored ? packed : inflateRawSync(packed);
    const isLink = (mode & typeMask) === symlinkType;
    return {
      name,
      content: isLink ? Buffer.alloc(0) : content,
      mode: mode & 0o777,
      ...(isLink ? { symlink: content.toString("utf8") } : {}),
    };
  });
}

function tarParts(file: Buffer): PackagePart[] {
  const parts: PackagePart[] = [];
  let longName: string | undefined;
  for (let at = 0; at + 512 <= file.length && file.readUInt8(at) !== 0;) {
    const [size, type] = [Number.parseInt(tarText(file, at + 124, 12), 8), tarText(file, at + 156, 1)];
    const content = file.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    const header = at - 512 - Math.ceil(size / 512) * 512;
    if (type === "x") longName = /\d+ path=(.*)\n/.exec(content.toString("utf8"))?.[1];
    if (type === "x" || type === "g") continue;
    const prefix = tarText(file, header + 345, 155);
    const name = longName ?? `${prefix === "" ? "" : `${prefix}/`}${tarText(file, header, 100)}`;
    const mode = Number.parseInt(tarText(file, header + 100, 8), 8) & 0o777;
    const link = type === "2" ? { symlink: tarText(file, header + 157, 100) } : {};
    parts.push({ name: type === "5" ? `${name}/` : name, content: Buffer.from(content), mode, ...link });
    longName = undefined;
  }
  return parts;
}

function tarText(file: Buffer, at: number, bytes: number): string {
  return file.toString("utf8", at, at + bytes).replace(/\0.*$/s, "");
}
