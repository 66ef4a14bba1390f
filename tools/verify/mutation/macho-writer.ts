// Finds and changes load commands of 64-bit Mach-O files and signs them again; shares no code with the reader.
import { createHash } from "node:crypto";

export const loadCommand = {
  symbols: 0x2,
  loadDylib: 0xc,
  idDylib: 0xd,
  segment: 0x19,
  uuid: 0x1b,
  dataInCode: 0x29,
  rpath: 0x8000001c,
  codeSignature: 0x1d,
  versionMinMacos: 0x24,
  buildVersion: 0x32,
  dyldInfoOnly: 0x80000022,
} as const;

/** An unknown load command that nobody has to understand. */
export const ignoredCommand = 0x2b;

const headerBytes = 32;
const codeDirectoryMagic = 0xfade0c02;

/** Offset of the first load command of a kind, in the file or object that begins at `start`. */
export function commandAt(file: Buffer, kind: number, start = 0): number {
  let at = start + headerBytes;
  for (let left = file.readUInt32LE(start + 16); left > 0; left -= 1) {
    if (file.readUInt32LE(at) === kind) return at;
    at += file.readUInt32LE(at + 4);
  }
  throw new Error(`no load command 0x${kind.toString(16)}`);
}

/** Turns the small command that says where data lies in code into an LC_RPATH of a path of three bytes; gives its place. */
export function rpathForDataInCode(file: Buffer, path: string): number {
  const at = commandAt(file, loadCommand.dataInCode);
  if (file.readUInt32LE(at + 4) !== 16 || path.length > 3) throw new Error("no room for the path");
  file.writeUInt32LE(loadCommand.rpath, at);
  file.writeUInt32LE(12, at + 8);
  file.write(path.padEnd(4, "\0"), at + 12, "latin1");
  return at;
}

/** Where the room behind the load commands begins, which nobody reads. */
export function endOfCommands(file: Buffer): number {
  return headerBytes + file.readUInt32LE(20);
}

/** Lengthens the load commands by one that nobody reads; gives the room that is left. */
export function fillHeaderPad(file: Buffer, bytes: number): void {
  const at = endOfCommands(file);
  file.writeUInt32LE(ignoredCommand, at);
  file.writeUInt32LE(bytes, at + 4);
  file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
  file.writeUInt32LE(file.readUInt32LE(20) + bytes, 20);
}

/** Offset of the header of a section, which begins with its name. */
export function sectionHeaderAt(file: Buffer, name: string): number {
  const at = file.indexOf(name.padEnd(16, "\0"), headerBytes);
  if (at < 0) throw new Error(`no section ${name}`);
  return at;
}

/** Offset of the entry of an external symbol in the symbol table of the object that begins at `start`. */
export function symbolAt(file: Buffer, name: string, start = 0): number {
  const command = commandAt(file, loadCommand.symbols, start);
  const strings = start + file.readUInt32LE(command + 16);
  for (let index = 0; index < file.readUInt32LE(command + 12); index += 1) {
    const at = start + file.readUInt32LE(command + 8) + index * 16;
    const nameAt = strings + file.readUInt32LE(at);
    if (file.toString("latin1", nameAt, file.indexOf(0, nameAt)) === name) return at;
  }
  throw new Error(`no symbol ${name}`);
}

export function exportTrieAt(file: Buffer, start = 0): number {
  return start + file.readUInt32LE(commandAt(file, loadCommand.dyldInfoOnly, start) + 40);
}

/** Bytes between the load commands and the code that comes first in the file. */
export function headerRoom(file: Buffer): number {
  const offsetField = 48;
  return file.readUInt32LE(sectionHeaderAt(file, "__text") + offsetField) - endOfCommands(file);
}

export function codeDirectoryAt(file: Buffer): number {
  const start = file.readUInt32LE(commandAt(file, loadCommand.codeSignature) + 8);
  for (let index = 0; index < file.readUInt32BE(start + 8); index += 1) {
    const at = start + file.readUInt32BE(start + 12 + index * 8 + 4);
    if (file.readUInt32BE(at) === codeDirectoryMagic) return at;
  }
  throw new Error("no code directory");
}

/** Writes the hashes of all pages anew, so that a change elsewhere leaves the signature good. */
export function sign(file: Buffer): Buffer {
  const directory = codeDirectoryAt(file);
  const hashes = directory + file.readUInt32BE(directory + 16);
  const limit = file.readUInt32BE(directory + 32);
  const pageBytes = 2 ** file.readUInt8(directory + 39);
  for (let page = 0; page * pageBytes < limit; page += 1) {
    const content = file.subarray(page * pageBytes, Math.min((page + 1) * pageBytes, limit));
    createHash("sha256")
      .update(content)
      .digest()
      .copy(file, hashes + page * 32);
  }
  return file;
}

/** A fat file of those slices, each of which begins on 16 KiB. */
export function universal(...slices: readonly Buffer[]): Buffer {
  const page = 0x4000;
  const header = Buffer.alloc(page);
  header.writeUInt32BE(0xcafebabe, 0);
  header.writeUInt32BE(slices.length, 4);
  const parts = [header];
  let start = page;
  for (const [index, slice] of slices.entries()) {
    const entry = 8 + index * 20;
    header.writeUInt32BE(slice.readUInt32LE(4), entry);
    header.writeUInt32BE(start, entry + 8);
    header.writeUInt32BE(slice.length, entry + 12);
    header.writeUInt32BE(14, entry + 16);
    const padded = Buffer.concat([slice, Buffer.alloc((page - (slice.length % page)) % page)]);
    parts.push(padded);
    start += padded.length;
  }
  return Buffer.concat(parts);
}
