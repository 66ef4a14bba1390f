// Reads PE images (DLLs, programs, Windows addons): headers, exports, imports, delay imports, debug directory.
import { bitsOfMachine } from "./coff.ts";
import type { Cursor } from "./cursor.ts";
import type { Located, PeFacts } from "./facts.ts";
import { readDebugDirectory } from "./pe-debug.ts";
import type { PeDirectory, PeImage, PeSection } from "./pe-image.ts";
import { readExports, readImports } from "./pe-tables.ts";
import { processorOfCoff } from "./processor.ts";

const IMAGE_FILE_DLL = 0x2000;

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
  const bits = bitsOf(optional);
  const machine = coff.u16(0, "machine");
  const image: PeImage = {
    file,
    bits,
    imageBase: optional.word(bits === 64 ? 24 : 28, bits, "image base"),
    sections: readSections(file, coff, optionalBytes),
    directories: readDirectories(optional, bits),
  };
  const characteristics = coff.u16(18, "characteristics");
  const debug = readDebugDirectory(image);
  const located = <T>(section: string, offset: number, value: T): Located<T> => ({ section, offset, value });
  return {
    format: "pe",
    cpu: processorOfCoff(machine),
    bits: bitsOfMachine(machine),
    machine: located("COFF header Machine", coff.base, machine),
    timestamp: located("COFF header TimeDateStamp", coff.base + 4, coff.u32(4, "time stamp")),
    timestampIsHash: debug.reproducible,
    isDll: located("COFF header Characteristics", coff.base + 18, (characteristics & IMAGE_FILE_DLL) !== 0),
    subsystem: optional.u16(68, "subsystem"),
    minimumOsVersion: located(
      "optional header SubsystemVersion",
      optional.base + 48,
      `${optional.u16(48, "subsystem version")}.${optional.u16(50, "subsystem version")}`,
    ),
    dllCharacteristics: located(
      "optional header DllCharacteristics",
      optional.base + 70,
      optional.u16(70, "DLL characteristics"),
    ),
    ...readExports(image),
    imports: readImports(image),
    debugPath: debug.path,
  };
}

function bitsOf(optional: Cursor): 32 | 64 {
  const magic = optional.u16(0, "optional header");
  if (magic === 0x20b) return 64;
  if (magic === 0x10b) return 32;
  throw optional.malformed(0, `optional header magic 0x${magic.toString(16)} is neither PE32 nor PE32+`);
}

function readSections(file: Cursor, coff: Cursor, optionalBytes: number): PeSection[] {
  const at = coff.base - file.base + 20 + optionalBytes;
  return [...file.records(at, coff.u16(2, "section count"), 40, "section headers")].map((header) => ({
    memoryBytes: header.u32(8, "section size"),
    address: header.u32(12, "section address"),
    fileBytes: header.u32(16, "section file size"),
    fileOffset: header.u32(20, "section file offset"),
  }));
}

function readDirectories(optional: Cursor, bits: 32 | 64): PeDirectory[] {
  const countAt = bits === 64 ? 108 : 92;
  const count = optional.u32(countAt, "number of data directories");
  return [...optional.records(countAt + 4, count, 8, "data directories")].map((entry) => ({
    address: entry.u32(0, "data directory address"),
    bytes: entry.u32(4, "data directory size"),
  }));
}
