// Finds and changes fields of PE images and COFF objects; shares no code with the reader.

/** Offset of the COFF header. */
export function coffHeader(file: Buffer): number {
  return file.readUInt32LE(60) + 4;
}

export function optionalHeader(file: Buffer): number {
  return coffHeader(file) + 20;
}

/** Room behind the DOS header: a program that nobody runs. */
export const dosStub = 64;

export function exportDirectory(file: Buffer): number {
  return directory(file, 0);
}

/** Offset of the first entry of the debug directory. */
export function debugEntry(file: Buffer): number {
  return directory(file, 6);
}

/** Lets the image say that it has no such data directory. */
export function clearDirectory(file: Buffer, index: number): void {
  const at = directoryEntry(file, index);
  file.fill(0, at, at + 8);
}

/** Offset of the header of a section, which begins with its name. */
export function sectionHeader(file: Buffer, name: string): number {
  const coff = coffHeader(file);
  const table = coff + 20 + file.readUInt16LE(coff + 16);
  for (let index = 0; index < file.readUInt16LE(coff + 2); index += 1) {
    const at = table + index * 40;
    if (file.toString("latin1", at, at + 8).replace(/\0+$/, "") === name) return at;
  }
  throw new Error(`no section ${name}`);
}

function directoryEntry(file: Buffer, index: number): number {
  const optional = optionalHeader(file);
  const wide = file.readUInt16LE(optional) === 0x20b;
  return optional + (wide ? 112 : 96) + index * 8;
}

function directory(file: Buffer, index: number): number {
  const address = file.readUInt32LE(directoryEntry(file, index));
  if (address === 0) throw new Error(`no data directory ${index}`);
  return fileOffset(file, address);
}

function fileOffset(file: Buffer, address: number): number {
  const coff = coffHeader(file);
  const table = coff + 20 + file.readUInt16LE(coff + 16);
  for (let index = 0; index < file.readUInt16LE(coff + 2); index += 1) {
    const section = table + index * 40;
    const start = file.readUInt32LE(section + 12);
    if (address >= start && address < start + file.readUInt32LE(section + 16))
      return file.readUInt32LE(section + 20) + address - start;
  }
  throw new Error(`address ${address} lies in no section`);
}

/** Offset of the entry of a symbol with a long name in the COFF object that begins at `start`. */
export function coffSymbol(file: Buffer, name: string, start: number): number {
  const table = start + file.readUInt32LE(start + 8);
  const count = file.readUInt32LE(start + 12);
  const strings = table + count * 18;
  for (let index = 0; index < count; index += 1) {
    const at = table + index * 18;
    if (file.readUInt32LE(at) !== 0) continue;
    const nameAt = strings + file.readUInt32LE(at + 4);
    if (file.toString("latin1", nameAt, file.indexOf(0, nameAt)) === name) return at;
  }
  throw new Error(`no symbol ${name}`);
}
