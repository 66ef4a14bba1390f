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

/** Offset of the name of the DLL that the export directory gives. */
export function exportNameAt(file: Buffer): number {
  return fileOffset(file, file.readUInt32LE(exportDirectory(file) + 12));
}

/** Offset of the path of the debug file, behind mark, GUID and age of the CodeView record. */
export function codeViewPath(file: Buffer): number {
  const [codeView, entryBytes] = [2, 28];
  let entry = debugEntry(file);
  while (file.readUInt32LE(entry + 12) !== codeView) entry += entryBytes;
  return file.readUInt32LE(entry + 24) + 24;
}

/** Takes away the entry of the debug directory that says that the time stamp is a hash. */
export function forgetReproducibility(file: Buffer): void {
  const [reproducible, unknownType, entryBytes] = [16, 0, 28];
  const optional = optionalHeader(file);
  const wide = file.readUInt16LE(optional) === 0x20b;
  const bytes = file.readUInt32LE(optional + (wide ? 112 : 96) + 6 * 8 + 4);
  for (let entry = debugEntry(file), end = entry + bytes; entry < end; entry += entryBytes)
    if (file.readUInt32LE(entry + 12) === reproducible) file.writeUInt32LE(unknownType, entry + 12);
}

/** Fills the list of functions that run at load of a 64-bit image; gives the place of the directory. */
export function writeTlsCallbacks(file: Buffer, count: number): number {
  const at = directory(file, 9);
  const imageBase = file.readBigUInt64LE(optionalHeader(file) + 24);
  const list = fileOffset(file, Number(file.readBigUInt64LE(at + 24) - imageBase));
  const first = file.readBigUInt64LE(list);
  for (let index = 0; index < count; index += 1) file.writeBigUInt64LE(first, list + index * 8);
  file.writeBigUInt64LE(0n, list + count * 8);
  return at;
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

/** Number of a section by the place of its header. */
export function sectionHeaderIndex(file: Buffer, at: number): number {
  const coff = coffHeader(file);
  return (at - (coff + 20 + file.readUInt16LE(coff + 16))) / 40;
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
