// Finds and changes single fields of little-endian ELF files; shares no code with the reader that it helps to prove.

export const dynamicTag = {
  needed: 1,
  procedureTable: 3,
  hash: 4,
  soname: 14,
  rpath: 15,
  debug: 21,
  textRelocations: 22,
  initArray: 25,
  initArrayBytes: 27,
  runpath: 29,
  flags: 30,
  relr: 36,
  gnuHash: 0x6ffffef5,
  flags1: 0x6ffffffb,
} as const;

export const segmentType = {
  load: 1,
  note: 4,
  ownHeaders: 6,
  tls: 7,
  unwindIndex: 0x6474e550,
  stack: 0x6474e551,
  relro: 0x6474e552,
} as const;

const sectionType = {
  symbols: 2,
  dynamic: 6,
  dynamicSymbols: 11,
  versionNeeds: 0x6ffffffe,
  symbolVersions: 0x6fffffff,
} as const;

function isWide(file: Buffer, start: number): boolean {
  return file.readUInt8(start + 4) === 2;
}

function word(file: Buffer, wide: boolean, at: number): number {
  return wide ? Number(file.readBigUInt64LE(at)) : file.readUInt32LE(at);
}

function writeWord(file: Buffer, wide: boolean, at: number, value: number): void {
  if (wide) file.writeBigUInt64LE(BigInt(value), at);
  else file.writeUInt32LE(value, at);
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

function sections(file: Buffer, start: number): Section[] {
  const wide = isWide(file, start);
  const table = start + word(file, wide, start + (wide ? 40 : 32));
  const count = file.readUInt16LE(start + (wide ? 60 : 48));
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * (wide ? 64 : 40);
    return {
      type: file.readUInt32LE(at + 4),
      offset: start + word(file, wide, at + (wide ? 24 : 16)),
      size: word(file, wide, at + (wide ? 32 : 20)),
      link: file.readUInt32LE(at + (wide ? 40 : 24)),
    };
  });
}

function sectionOf(file: Buffer, start: number, ...types: number[]): Section {
  const found = sections(file, start).find(({ type }) => types.includes(type));
  if (found === undefined) throw new Error(`no section of type ${types.join(" or ")}`);
  return found;
}

/** Offset of the nth program header of a type. */
export function programHeader(file: Buffer, type: number, nth = 0): number {
  const wide = isWide(file, 0);
  const table = word(file, wide, wide ? 32 : 28);
  const count = file.readUInt16LE(wide ? 56 : 44);
  const all = Array.from({ length: count }, (_, index) => table + index * (wide ? 56 : 32));
  const found = all.filter((at) => file.readUInt32LE(at) === type)[nth];
  if (found === undefined) throw new Error(`no program header ${nth} of type ${type}`);
  return found;
}

/** Number of a program header in the table, as evidence names it. */
export function programHeaderIndex(file: Buffer, at: number): number {
  const wide = isWide(file, 0);
  return (at - word(file, wide, wide ? 32 : 28)) / (wide ? 56 : 32);
}

export function programHeadersStart(file: Buffer): number {
  const wide = isWide(file, 0);
  return word(file, wide, wide ? 32 : 28);
}

/** Fields of a program header behind its type: offsets in the 64-bit and the 32-bit layout. */
const segmentField = { flags: [4, 24], memoryBytes: [40, 20], align: [48, 28] } as const;

export function segmentFieldAt(file: Buffer, header: number, field: keyof typeof segmentField): number {
  return header + segmentField[field][isWide(file, 0) ? 0 : 1];
}

export function changeSegmentWord(
  file: Buffer,
  header: number,
  field: "memoryBytes" | "align",
  change: (value: number) => number,
): void {
  const wide = isWide(file, 0);
  const at = segmentFieldAt(file, header, field);
  writeWord(file, wide, at, change(word(file, wide, at)));
}

/** Turns the first program header of one type into one of another; gives its place. */
export function retypeSegment(file: Buffer, from: number, to: number): number {
  const header = programHeader(file, from);
  file.writeUInt32LE(to, header);
  return header;
}

/** Fields of a program header of a 64-bit file: where offset, address and sizes stand. */
export function programHeaderWide(header: number): { offset: number; sizes: readonly number[] } {
  return { offset: header + 8, sizes: [header + 32, header + 40] };
}

/** Lets the file say that it has no section headers. */
export function dropSectionHeaders(file: Buffer): void {
  const wide = isWide(file, 0);
  writeWord(file, wide, wide ? 40 : 32, 0);
  const [count, names] = wide ? [60, 62] : [48, 50];
  file.writeUInt16LE(0, count);
  file.writeUInt16LE(0, names);
}

/** Offset of the nth entry of a tag in the dynamic section. */
export function dynamicEntry(file: Buffer, tag: number, nth = 0): number {
  const wide = isWide(file, 0);
  const { offset, size } = sectionOf(file, 0, sectionType.dynamic);
  const all = Array.from({ length: size / (wide ? 16 : 8) }, (_, index) => offset + index * (wide ? 16 : 8));
  const found = all.filter((at) => word(file, wide, at) === tag)[nth];
  if (found === undefined) throw new Error(`no dynamic entry ${nth} of tag ${tag}`);
  return found;
}

export function dynamicStart(file: Buffer): number {
  return sectionOf(file, 0, sectionType.dynamic).offset;
}

export function changeDynamicValue(file: Buffer, entry: number, change: (value: number) => number): void {
  const wide = isWide(file, 0);
  const at = entry + (wide ? 8 : 4);
  writeWord(file, wide, at, change(word(file, wide, at)));
}

/** Turns the entry of one tag into one of another; gives its place. */
export function retagDynamic(file: Buffer, from: number, to: number, value?: number): number {
  const entry = dynamicEntry(file, from);
  writeWord(file, isWide(file, 0), entry, to);
  if (value !== undefined) changeDynamicValue(file, entry, () => value);
  return entry;
}

export function dynamicStringsStart(file: Buffer): number {
  const strings = sections(file, 0)[sectionOf(file, 0, sectionType.dynamicSymbols).link];
  if (strings === undefined) throw new Error("no dynamic string table");
  return strings.offset;
}

/** Lets the loader see more of the bytes behind the dynamic string table as part of it. */
export function growDynamicStrings(file: Buffer, bytes: number): void {
  const dtStringBytes = 10;
  changeDynamicValue(file, dynamicEntry(file, dtStringBytes), () => bytes);
}

/** Offset in the dynamic string table of a text that begins there. */
export function dynamicStringOffset(file: Buffer, text: string): number {
  const start = dynamicStringsStart(file);
  const at = file.indexOf(`${text}\0`, start);
  if (at < 0) throw new Error(`no ${text} among the dynamic strings`);
  return at - start;
}

export interface SymbolPlace {
  readonly index: number;
  /** Offset of the entry. */
  readonly at: number;
  readonly visibilityAt: number;
  readonly sectionAt: number;
}

/** A symbol of the dynamic table, or of the full table of the object that begins at `start`. */
export function symbolPlace(file: Buffer, name: string, start = 0): SymbolPlace {
  const wide = isWide(file, start);
  const dynamic = sections(file, start).some(({ type }) => type === sectionType.dynamicSymbols);
  const table = sectionOf(file, start, dynamic ? sectionType.dynamicSymbols : sectionType.symbols);
  const strings = sections(file, start)[table.link];
  if (strings === undefined) throw new Error("no string table");
  const size = wide ? 24 : 16;
  for (let index = 0; index < table.size / size; index += 1) {
    const at = table.offset + index * size;
    const nameAt = strings.offset + file.readUInt32LE(at);
    if (file.toString("latin1", nameAt, file.indexOf(0, nameAt)) !== name) continue;
    return { index, at, visibilityAt: at + (wide ? 5 : 13), sectionAt: at + (wide ? 6 : 14) };
  }
  throw new Error(`no symbol ${name}`);
}

export function dynamicSymbolsStart(file: Buffer): number {
  return sectionOf(file, 0, sectionType.dynamicSymbols).offset;
}

/** Offset of the entry of a version that the file needs: the first of its table with the hash of that name. */
export function versionNeedAt(file: Buffer, name: string): number {
  const { offset, size } = sectionOf(file, 0, sectionType.versionNeeds);
  const hash = Buffer.alloc(4);
  const isLittleEndian = file.readUInt8(5) === 1;
  if (isLittleEndian) hash.writeUInt32LE(sysvHash(name));
  else hash.writeUInt32BE(sysvHash(name));
  const at = file.indexOf(hash, offset);
  if (at < 0 || at >= offset + size) throw new Error(`no version ${name} is needed`);
  return at;
}

function sysvHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    hash = (hash ^ ((hash >>> 28) << 4)) & 0x0fffffff;
  }
  return hash;
}

/** Number and place of the header of a section. */
export function sectionHeader(file: Buffer, name: string): { index: number; at: number } {
  const wide = isWide(file, 0);
  const [table, entryBytes] = [word(file, wide, wide ? 40 : 32), wide ? 64 : 40];
  const namesAt = sections(file, 0)[file.readUInt16LE(wide ? 62 : 50)]?.offset ?? 0;
  for (let index = 0; index < file.readUInt16LE(wide ? 60 : 48); index += 1) {
    const at = table + index * entryBytes;
    const start = namesAt + file.readUInt32LE(at);
    if (file.toString("latin1", start, file.indexOf(0, start)) === name) return { index, at };
  }
  throw new Error(`no section ${name}`);
}

/** Offset of the version index of a dynamic symbol. */
export function symbolVersionAt(file: Buffer, index: number): number {
  return sectionOf(file, 0, sectionType.symbolVersions).offset + index * 2;
}
