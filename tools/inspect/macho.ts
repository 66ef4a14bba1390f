// Reads thin Mach-O files: header and load commands here, the tables they point to through siblings.
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import { readExportTrie } from "./macho-exports.ts";
import type { MachOFacts } from "./macho-facts.ts";
import { readFixups } from "./macho-fixups.ts";
import { readLibraries, type LoadCommand } from "./macho-libraries.ts";
import { readPlatform } from "./macho-platform.ts";
import { firstContent, readSectionFacts, readSegment } from "./macho-segments.ts";
import { readSignature } from "./macho-signature.ts";
import { readSymbols } from "./macho-symbols.ts";
import { processorOfMachO } from "./processor.ts";

const magic32 = 0xfeedface;
const magic64 = 0xfeedfacf;

const command = {
  segment: 0x1,
  symbols: 0x2,
  idDylib: 0xd,
  segment64: 0x19,
  uuid: 0x1b,
  codeSignature: 0x1d,
  encryption: 0x21,
  dyldInfo: 0x22,
  dyldInfoOnly: 0x80000022,
  sourceVersion: 0x2a,
  encryption64: 0x2c,
  exportsTrie: 0x80000033,
  chainedFixups: 0x80000034,
} as const;

const flag = { twoLevel: 0x80, weakDefines: 0x8000, noReexports: 0x100000, extensionSafe: 0x02000000 };

export function isMachO(file: Cursor): boolean {
  return byteOrder(file) !== undefined;
}

export function readMachO(unordered: Cursor): MachOFacts {
  const order = byteOrder(unordered);
  if (order === undefined) throw unordered.malformed(0, "is no Mach-O file");
  const file = unordered.ordered(order.littleEndian);
  const { bits } = order;
  const commands = readCommands(file, bits);
  const one = (...wanted: number[]): Cursor | undefined => only(file, commands, wanted)?.content;
  const segments = commands
    .filter(({ kind }) => kind === command.segment || kind === command.segment64)
    .map(({ content }) => readSegment(content, bits));
  // An identifier that stands twice would make the file two libraries.
  one(command.idDylib);
  const libraries = readLibraries(commands);
  const { dependencies } = libraries;
  const header = readHeader(file, bits);
  const info = one(command.dyldInfo, command.dyldInfoOnly);
  return {
    format: "macho",
    ...header,
    ...readPlatform(commands, header.cpu, { section: "Mach-O header", offset: file.base }),
    sourceVersion: sourceVersion(one(command.sourceVersion)),
    ...libraries,
    uuid: readUuid(one(command.uuid)),
    encryption: readEncryption(one(command.encryption, command.encryption64)),
    ...readExports(file, one(command.exportsTrie), info, dependencies),
    symbols: readSymbols(
      file,
      bits,
      one(command.symbols),
      header.flags.value.twoLevel ? dependencies : undefined,
    ),
    segments,
    fixups: readFixups(file, one(command.chainedFixups), info, dependencies),
    ...readSectionFacts(segments, bits),
    signature: readSignature(file, one(command.codeSignature)),
    headerPadBytes: headerPad(file, bits, segments),
  };
}

function readHeader(
  file: Cursor,
  bits: 32 | 64,
): Pick<MachOFacts, "cpu" | "bits" | "machine" | "cpuSubtype" | "type" | "flags"> {
  const located = <T>(field: string, at: number, value: T): Located<T> => ({
    section: `Mach-O header ${field}`,
    offset: file.base + at,
    value,
  });
  const cpuType = file.u32(4, "cpu type");
  const flags = file.u32(24, "flags");
  return {
    cpu: processorOfMachO(cpuType),
    bits,
    machine: located("cputype", 4, cpuType),
    cpuSubtype: located("cpusubtype", 8, file.u32(8, "cpu subtype")),
    type: located("filetype", 12, typeOf(file.u32(12, "file type"))),
    flags: located("flags", 24, {
      bits: flags,
      twoLevel: (flags & flag.twoLevel) !== 0,
      weakDefines: (flags & flag.weakDefines) !== 0,
      noReexportedDylibs: (flags & flag.noReexports) !== 0,
      appExtensionSafe: (flags & flag.extensionSafe) !== 0,
    }),
  };
}

function byteOrder(file: Cursor): { bits: 32 | 64; littleEndian: boolean } | undefined {
  if (file.length < 28) return undefined;
  for (const littleEndian of [true, false]) {
    const magic = file.ordered(littleEndian).u32(0, "Mach-O magic");
    if (magic === magic32 || magic === magic64) return { bits: magic === magic64 ? 64 : 32, littleEndian };
  }
  return undefined;
}

function headerBytes(bits: 32 | 64): number {
  return bits === 64 ? 32 : 28;
}

function readCommands(file: Cursor, bits: 32 | 64): LoadCommand[] {
  const count = file.u32(16, "number of load commands");
  const area = file.slice(headerBytes(bits), file.u32(20, "size of load commands"), "load commands");
  const commands: LoadCommand[] = [];
  let at = 0;
  while (commands.length < count) {
    const size = area.u32(at + 4, "load command size");
    if (size < 8) throw area.malformed(at + 4, `load command size ${size} is less than its own header`);
    commands.push({ kind: area.u32(at, "load command"), content: area.slice(at, size, "load command") });
    at += size;
  }
  return commands;
}

/** A command that may stand once; a second one would make the file mean two things. */
function only(
  file: Cursor,
  commands: readonly LoadCommand[],
  wanted: readonly number[],
): LoadCommand | undefined {
  const [first, second] = commands.filter(({ kind }) => wanted.includes(kind));
  if (second !== undefined)
    throw file.malformed(
      second.content.base - file.base,
      `load command 0x${second.kind.toString(16)} stands twice`,
    );
  return first;
}

function readUuid(content: Cursor | undefined): string | undefined {
  return content === undefined
    ? undefined
    : Buffer.from(content.slice(8, 16, "LC_UUID").bytes).toString("hex");
}

function readEncryption(content: Cursor | undefined): Located<number> | undefined {
  const value = content?.u32(16, "LC_ENCRYPTION_INFO");
  if (content === undefined || value === undefined || value === 0) return undefined;
  return { section: "LC_ENCRYPTION_INFO cryptid", offset: content.base + 16, value };
}

/** 24 bits and four times 10 bits. */
function sourceVersion(content: Cursor | undefined): string | undefined {
  if (content === undefined) return undefined;
  const version = content.u64(8, "LC_SOURCE_VERSION");
  const parts = [40n, 30n, 20n, 10n, 0n].map((shift, index) =>
    Number((version >> shift) & (index === 0 ? 0xffffffn : 0x3ffn)),
  );
  return parts.join(".").replace(/(\.0)+$/, "");
}

function readExports(
  file: Cursor,
  trie: Cursor | undefined,
  info: Cursor | undefined,
  dependencies: MachOFacts["dependencies"],
): Pick<MachOFacts, "exports" | "exportTrie"> {
  // The older command holds five tables; the trie is the last.
  const found = trie === undefined ? info?.from(40, "LC_DYLD_INFO") : trie.from(8, "LC_DYLD_EXPORTS_TRIE");
  if (found === undefined)
    return { exports: [], exportTrie: { section: "Mach-O header", offset: file.base } };
  const place = { offset: found.u32(0, "offset of export trie"), bytes: found.u32(4, "size of export trie") };
  return {
    exports: readExportTrie(file, place, dependencies),
    exportTrie: { section: "export trie", offset: file.base + place.offset },
  };
}

function headerPad(file: Cursor, bits: 32 | 64, segments: MachOFacts["segments"]): number {
  const end = headerBytes(bits) + file.u32(20, "size of load commands");
  return Math.max(0, firstContent(segments, file.length) - end);
}

function typeOf(type: number): MachOFacts["type"]["value"] {
  const names = { 1: "object", 2: "executable", 6: "dylib", 8: "bundle", 9: "stub", 10: "symbols" } as const;
  return names[type as keyof typeof names] ?? "other";
}
