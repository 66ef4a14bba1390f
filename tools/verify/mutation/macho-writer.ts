// Finds and changes load commands of 64-bit Mach-O files and signs them again; shares no code with the reader.
import { createHash } from "node:crypto";

export const loadCommand = {
  symbols: 0x2,
  loadDylib: 0xc,
  idDylib: 0xd,
  rpath: 0x8000001c,
  codeSignature: 0x1d,
  versionMinMacos: 0x24,
  buildVersion: 0x32,
  dyldInfoOnly: 0x80000022,
} as const;

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

/** Writes an LC_RPATH into the room behind the load commands; gives its place. */
export function addRpath(file: Buffer, path: string): number {
  const bytes = file.readUInt32LE(20);
  const at = headerBytes + bytes;
  const size = Math.ceil((12 + path.length + 1) / 8) * 8;
  if (file.subarray(at, at + size).some((byte) => byte !== 0)) throw new Error("no room for a load command");
  file.writeUInt32LE(loadCommand.rpath, at);
  file.writeUInt32LE(size, at + 4);
  file.writeUInt32LE(12, at + 8);
  file.write(path, at + 12, "latin1");
  file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
  file.writeUInt32LE(bytes + size, 20);
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

export function exportTrieAt(file: Buffer): number {
  return file.readUInt32LE(commandAt(file, loadCommand.dyldInfoOnly) + 40);
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

/** A fat file with that one slice, which begins on 16 KiB. */
export function universal(slice: Buffer): Buffer {
  const header = Buffer.alloc(0x4000);
  header.writeUInt32BE(0xcafebabe, 0);
  header.writeUInt32BE(1, 4);
  header.writeUInt32BE(slice.readUInt32LE(4), 8);
  header.writeUInt32BE(header.length, 16);
  header.writeUInt32BE(slice.length, 20);
  return Buffer.concat([header, slice]);
}
