// Reads Mach-O files, thin and fat: header, load commands, and through its siblings symbols, exports and signature.
import type { Cursor } from "./cursor.ts";
import type { Located, MachOFacts, MachOPlatform, Place } from "./facts.ts";
import { readExportTrie } from "./macho-exports.ts";
import { readSignature } from "./macho-signature.ts";
import { readSegment, type MachOSegment } from "./macho-segments.ts";
import { readSymbols } from "./macho-symbols.ts";
import { processorOfMachO } from "./processor.ts";

const magic32 = 0xfeedface;
const magic64 = 0xfeedfacf;
const fatMagic = 0xcafebabe;
const fatMagic64 = 0xcafebabf;
/** Java class files share the fat magic; what is a count here is their version there, 45 at least. */
const mostSlices = 32;

const command = {
  segment: 0x1,
  symbols: 0x2,
  loadDylib: 0xc,
  idDylib: 0xd,
  loadWeakDylib: 0x80000018,
  segment64: 0x19,
  uuid: 0x1b,
  rpath: 0x8000001c,
  codeSignature: 0x1d,
  reexportDylib: 0x8000001f,
  lazyLoadDylib: 0x20,
  dyldInfo: 0x22,
  dyldInfoOnly: 0x80000022,
  loadUpwardDylib: 0x80000023,
  versionMinMacos: 0x24,
  versionMinIos: 0x25,
  buildVersion: 0x32,
  exportsTrie: 0x80000033,
} as const;

const dependencyCommands: readonly number[] = [
  command.loadDylib,
  command.loadWeakDylib,
  command.reexportDylib,
  command.lazyLoadDylib,
  command.loadUpwardDylib,
];

export function isMachO(file: Cursor): boolean {
  return byteOrder(file) !== undefined;
}

export function isFat(unordered: Cursor): boolean {
  if (unordered.length < 8) return false;
  const file = unordered.ordered(false);
  const magic = file.u32(0, "fat header");
  const count = file.u32(4, "fat header");
  return (magic === fatMagic || magic === fatMagic64) && count <= mostSlices;
}

/** The parts of a fat file, in file order; parts that overlap are refused. */
export function readFatSlices(unordered: Cursor): Cursor[] {
  const file = unordered.ordered(false);
  const bits = file.u32(0, "fat header") === fatMagic64 ? 64 : 32;
  const count = file.u32(4, "fat header");
  const wordBytes = bits / 8;
  const slices = [...file.records(8, count, bits === 64 ? 32 : 20, "fat header")].map((entry) =>
    file.slice(
      entry.word(8, bits, "slice offset"),
      entry.word(8 + wordBytes, bits, "slice size"),
      "fat slice",
    ),
  );
  slices.sort((left, right) => left.base - right.base);
  for (const [index, slice] of slices.entries()) {
    const previous = slices[index - 1];
    if (previous !== undefined && previous.base + previous.length > slice.base)
      throw file.malformed(8, `fat slices overlap at 0x${slice.base.toString(16)}`);
  }
  return slices;
}

export function readMachO(unordered: Cursor): MachOFacts {
  const order = byteOrder(unordered);
  if (order === undefined) throw unordered.malformed(0, "is no Mach-O file");
  const file = unordered.ordered(order.littleEndian);
  const { bits } = order;
  const cpuType = file.u32(4, "cpu type");
  const cpu = processorOfMachO(cpuType);
  const commands = readCommands(file, bits);
  const one = (...wanted: number[]): LoadCommand | undefined => only(file, commands, wanted);
  const segments = commands.filter(({ kind }) => kind === command.segment || kind === command.segment64);
  const parts = segments.map(({ content }) => readSegment(content, bits));
  const header: Place = { section: "Mach-O header", offset: file.base };
  const id = one(command.idDylib);
  const uuid = one(command.uuid);
  return {
    format: "macho",
    cpu,
    bits,
    machine: { section: "Mach-O header cputype", offset: file.base + 4, value: cpuType },
    type: {
      section: "Mach-O header filetype",
      offset: file.base + 12,
      value: typeOf(file.u32(12, "file type")),
    },
    ...readPlatform(commands, cpu, header),
    installName: id === undefined ? undefined : dylibName(id, "LC_ID_DYLIB"),
    dependencies: commands
      .filter(({ kind }) => dependencyCommands.includes(kind))
      .map((entry) => dylibName(entry, "LC_LOAD_DYLIB")),
    rpaths: commands
      .filter(({ kind }) => kind === command.rpath)
      .map((entry) => dylibName(entry, "LC_RPATH")),
    uuid:
      uuid === undefined
        ? undefined
        : Buffer.from(uuid.content.slice(8, 16, "LC_UUID").bytes).toString("hex"),
    ...readExports(file, one(command.exportsTrie), one(command.dyldInfo, command.dyldInfoOnly)),
    symbols: readSymbols(file, bits, one(command.symbols)?.content),
    segments: parts.map(({ facts }) => facts),
    signature: readSignature(file, one(command.codeSignature)?.content),
    headerPadBytes: headerPad(file, bits, parts),
  };
}

interface LoadCommand {
  readonly kind: number;
  readonly content: Cursor;
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

/** The text that a command ends with; its offset in the command is the command's third word. */
function dylibName({ content }: LoadCommand, section: string): Located<string> {
  const at = content.u32(8, section);
  return {
    section,
    offset: content.base + at,
    value: content.paddedString(at, content.length - at, section),
  };
}

function readPlatform(
  commands: readonly LoadCommand[],
  cpu: MachOFacts["cpu"],
  header: Place,
): Pick<MachOFacts, "platform" | "minimumOs" | "sdk"> {
  const build = commands.find(({ kind }) => kind === command.buildVersion)?.content;
  if (build !== undefined) {
    const section = "LC_BUILD_VERSION";
    return {
      platform: { section, offset: build.base + 8, value: platformOf(build.u32(8, section)) },
      minimumOs: { section, offset: build.base + 12, value: versionText(build.u32(12, section)) },
      sdk: versionText(build.u32(16, section)),
    };
  }
  const oldKinds: readonly number[] = [command.versionMinMacos, command.versionMinIos];
  const old = commands.find(({ kind }) => oldKinds.includes(kind));
  if (old === undefined)
    return { platform: { ...header, value: "unknown" }, minimumOs: undefined, sdk: undefined };
  const macos = old.kind === command.versionMinMacos;
  const section = macos ? "LC_VERSION_MIN_MACOSX" : "LC_VERSION_MIN_IPHONEOS";
  // The old command does not tell a device from a simulator; Intel processors are in simulators only.
  const ios = cpu === "x86_64" || cpu === "i686" ? "ios-simulator" : "ios";
  return {
    platform: { section, offset: old.content.base, value: macos ? "macos" : ios },
    minimumOs: { section, offset: old.content.base + 8, value: versionText(old.content.u32(8, section)) },
    sdk: versionText(old.content.u32(12, section)),
  };
}

function platformOf(platform: number): MachOPlatform {
  return ({ 1: "macos", 2: "ios", 7: "ios-simulator" } as const)[platform] ?? `other-${platform}`;
}

/** 16 bits major, 8 minor, 8 patch; a patch of zero is not written. */
function versionText(version: number): string {
  const patch = version & 0xff;
  return `${version >>> 16}.${(version >>> 8) & 0xff}${patch === 0 ? "" : `.${patch}`}`;
}

function readExports(
  file: Cursor,
  trie: LoadCommand | undefined,
  info: LoadCommand | undefined,
): Pick<MachOFacts, "exports" | "exportTrie"> {
  // The older command holds five tables; the trie is the last.
  const found =
    trie === undefined
      ? info?.content.from(40, "LC_DYLD_INFO")
      : trie.content.from(8, "LC_DYLD_EXPORTS_TRIE");
  if (found === undefined)
    return { exports: [], exportTrie: { section: "Mach-O header", offset: file.base } };
  const offset = found.u32(0, "offset of export trie");
  return {
    exports: readExportTrie(file, offset, found.u32(4, "size of export trie")),
    exportTrie: { section: "export trie", offset: file.base + offset },
  };
}

function headerPad(file: Cursor, bits: 32 | 64, segments: readonly MachOSegment[]): number {
  const end = headerBytes(bits) + file.u32(20, "size of load commands");
  const first = segments
    .flatMap(({ sectionOffsets }) => sectionOffsets)
    .reduce((least, offset) => Math.min(least, offset), file.length);
  return Math.max(0, first - end);
}

function typeOf(type: number): MachOFacts["type"]["value"] {
  return ({ 1: "object", 2: "executable", 6: "dylib", 8: "bundle" } as const)[type] ?? "other";
}
