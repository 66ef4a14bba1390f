// Reads PE images (DLLs, programs, Windows addons): headers and sections here, the tables through siblings.
import { bitsOfMachine } from "./coff-machine.ts";
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import { readDebug } from "./pe-debug.ts";
import { readExports } from "./pe-exports.ts";
import type { PeCertificate, PeChecksum, PeFacts, PeSectionFacts } from "./pe-facts.ts";
import { directory, directoryOf, type PeDirectory, type PeImage } from "./pe-image.ts";
import { readImports } from "./pe-imports.ts";
import { readResources } from "./pe-resources.ts";
import { readBaseRelocations, readLoadConfig, readTls, readUnwindEntries } from "./pe-runtime.ts";
import { processorOfCoff } from "./processor.ts";

const IMAGE_FILE_DLL = 0x2000;
const checksumAt = 64;

export function isPe(unordered: Cursor): boolean {
  const file = unordered.ordered(true);
  if (!file.startsWith("MZ") || file.length < 64) return false;
  const at = file.u32(60, "DOS header e_lfanew");
  return at + 4 <= file.length && file.u32(at, "PE signature") === 0x4550;
}

export function readPe(unordered: Cursor): PeFacts {
  const file = unordered.ordered(true);
  const coff = file.slice(file.u32(60, "DOS header e_lfanew") + 4, 20, "COFF header");
  const optionalBytes = coff.u16(16, "size of optional header");
  const optional = file.slice(coff.base - file.base + 20, optionalBytes, "optional header");
  const machine = coff.u16(0, "machine");
  const image = readImage(file, coff, optional);
  const resources = readResources(image);
  const managed = directoryOf(image, directory.managed);
  return {
    format: "pe",
    cpu: processorOfCoff(machine),
    ...readHeaders(file, coff, optional, image),
    sections: image.sections,
    ...readExports(image),
    imports: readImports(image),
    ...readDebug(image),
    tls: readTls(image),
    loadConfig: readLoadConfig(image, machine),
    baseRelocations: readBaseRelocations(image),
    certificates: readCertificates(image),
    version: resources.version,
    manifest: resources.manifest,
    unwindEntries: readUnwindEntries(image, machine),
    managed:
      managed === undefined
        ? undefined
        : { section: "data directory 14", offset: optional.base + directoriesAt(image.bits) + 14 * 8 },
  };
}

type HeaderFacts = Pick<
  PeFacts,
  | "bits"
  | "machine"
  | "timestamp"
  | "isDll"
  | "characteristics"
  | "subsystem"
  | "minimumOsVersion"
  | "osVersion"
  | "linkerVersion"
  | "entryPoint"
  | "imageBase"
  | "dllCharacteristics"
  | "checksum"
>;

function readHeaders(file: Cursor, coff: Cursor, optional: Cursor, image: PeImage): HeaderFacts {
  const inCoff = <T>(field: string, at: number, value: T): Located<T> => ({
    section: `COFF header ${field}`,
    offset: coff.base + at,
    value,
  });
  const inOptional = <T>(field: string, at: number, value: T): Located<T> => ({
    section: `optional header ${field}`,
    offset: optional.base + at,
    value,
  });
  const version = (at: number): string => `${optional.u16(at, "version")}.${optional.u16(at + 2, "version")}`;
  const machine = coff.u16(0, "machine");
  const characteristics = coff.u16(18, "characteristics");
  return {
    bits: bitsOfMachine(machine),
    machine: inCoff("Machine", 0, machine),
    timestamp: inCoff("TimeDateStamp", 4, coff.u32(4, "time stamp")),
    isDll: inCoff("Characteristics", 18, (characteristics & IMAGE_FILE_DLL) !== 0),
    characteristics: inCoff("Characteristics", 18, characteristics),
    subsystem: optional.u16(68, "subsystem"),
    minimumOsVersion: inOptional("SubsystemVersion", 48, version(48)),
    osVersion: inOptional("OperatingSystemVersion", 40, version(40)),
    linkerVersion: inOptional(
      "LinkerVersion",
      2,
      `${optional.u8(2, "linker version")}.${optional.u8(3, "linker version")}`,
    ),
    entryPoint: inOptional("AddressOfEntryPoint", 16, optional.u32(16, "entry point")),
    imageBase: inOptional("ImageBase", image.bits === 64 ? 24 : 28, image.imageBase),
    dllCharacteristics: inOptional("DllCharacteristics", 70, optional.u16(70, "DLL characteristics")),
    checksum: inOptional("CheckSum", checksumAt, readChecksum(file, optional)),
  };
}

function readImage(file: Cursor, coff: Cursor, optional: Cursor): PeImage {
  const bits = bitsOf(optional);
  return {
    file,
    bits,
    imageBase: optional.word(bits === 64 ? 24 : 28, bits, "image base"),
    headerBytes: Math.min(optional.u32(60, "size of headers"), file.length),
    sections: readSections(file, coff, optional.base - file.base + optional.length),
    directories: readDirectories(optional, bits),
  };
}

function bitsOf(optional: Cursor): 32 | 64 {
  const magic = optional.u16(0, "optional header");
  if (magic === 0x20b) return 64;
  if (magic === 0x10b) return 32;
  throw optional.malformed(0, `optional header magic 0x${magic.toString(16)} is neither PE32 nor PE32+`);
}

function readSections(file: Cursor, coff: Cursor, at: number): PeSectionFacts[] {
  const headers = file.records(at, coff.u16(2, "section count"), 40, "section headers");
  return [...headers].map((header, index) => ({
    section: `section header ${index}`,
    offset: header.base,
    name: sectionName(file, coff, header),
    memoryBytes: header.u32(8, "section size"),
    address: header.u32(12, "section address"),
    fileBytes: header.u32(16, "section file size"),
    fileOffset: header.u32(20, "section file offset"),
    flags: header.u32(36, "section flags"),
  }));
}

/** Names of more than eight bytes, which GNU's linkers write for debug sections, stand after the symbol table. */
function sectionName(file: Cursor, coff: Cursor, header: Cursor): string {
  const name = header.paddedString(0, 8, "section name");
  const reference = /^\/(\d+)$/.exec(name)?.[1];
  const symbols = coff.u32(8, "symbol table");
  if (reference === undefined || symbols === 0) return name;
  const strings = symbols + coff.u32(12, "symbol count") * 18;
  return file.string(strings + Number(reference), "section name");
}

function directoriesAt(bits: 32 | 64): number {
  return bits === 64 ? 112 : 96;
}

function readDirectories(optional: Cursor, bits: 32 | 64): PeDirectory[] {
  const at = directoriesAt(bits);
  const count = optional.u32(at - 4, "number of data directories");
  return [...optional.records(at, count, 8, "data directories")].map((entry) => ({
    address: entry.u32(0, "data directory address"),
    bytes: entry.u32(4, "data directory size"),
  }));
}

/** The sum of all 16-bit words but the checksum's own, folded into 16 bits, plus the length of the file. */
function readChecksum(file: Cursor, optional: Cursor): PeChecksum {
  const { bytes } = file;
  const own = optional.base - file.base + checksumAt;
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    if (at >= own && at < own + 4) continue;
    sum += (bytes[at] ?? 0) + ((bytes[at + 1] ?? 0) << 8);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return { stored: optional.u32(checksumAt, "checksum"), computed: sum + bytes.length };
}

/** This one directory holds an offset in the file and no address: certificates are not loaded. */
function readCertificates({ file, directories }: PeImage): PeCertificate[] {
  const range = directories[directory.certificates];
  if (range === undefined || range.bytes === 0) return [];
  const table = file.slice(range.address, range.bytes, "certificate table");
  const certificates: PeCertificate[] = [];
  for (let at = 0; at + 8 <= table.length;) {
    const bytes = table.u32(at, "size of certificate");
    if (bytes < 8) throw table.malformed(at, `certificate of ${bytes} bytes is less than its own header`);
    const type = table.u16(at + 6, "type of certificate");
    certificates.push({ section: "certificate table", offset: table.base + at, bytes, type });
    at += Math.ceil(bytes / 8) * 8;
  }
  return certificates;
}
