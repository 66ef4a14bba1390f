// Ways to break an ELF library that work on any: each changes the bytes and says what the gate must point at.
import { evidence, segmentEvidence } from "./elf-mutation.ts";
import {
  changeDynamicValue,
  dropSectionHeaders,
  dynamicEntry,
  dynamicStart,
  dynamicTag,
  programHeader,
  programHeadersStart,
  retagDynamic,
  segmentFieldAt,
  segmentType,
} from "./elf-writer.ts";
import type { Mutated } from "./mutation.ts";

type Break = (file: Buffer) => Mutated["evidence"];

export const askForExecutableStack: Break = (file) => {
  const header = programHeader(file, segmentType.stack);
  setSegmentFlag(file, header, 1);
  return segmentEvidence(file, header, "PT_GNU_STACK", "executable");
};

export const dropRelro: Break = (file) => {
  file.writeUInt32LE(0, programHeader(file, segmentType.relro));
  return evidence("program headers", programHeadersStart(file), "no PT_GNU_RELRO");
};

export const bindLate: Break = (file) => {
  changeDynamicValue(file, dynamicEntry(file, dynamicTag.flags), () => 0);
  changeDynamicValue(file, dynamicEntry(file, dynamicTag.flags1), () => 0);
  return evidence(".dynamic", dynamicStart(file), "no DF_BIND_NOW, DF_1_NOW");
};

export const addTextRelocations: Break = (file) => {
  const entry = retagDynamic(file, dynamicTag.hash, dynamicTag.textRelocations);
  return evidence(".dynamic DT_TEXTREL", entry, "text relocations");
};

export const askForStaticTls: Break = (file) => {
  const entry = dynamicEntry(file, dynamicTag.flags);
  changeDynamicValue(file, entry, (flags) => flags | 0x10);
  return evidence(".dynamic DT_FLAGS", entry, "DF_STATIC_TLS");
};

export const packRelocations: Break = (file) =>
  evidence(".dynamic DT_RELR", retagDynamic(file, dynamicTag.hash, dynamicTag.relr), "DT_RELR");

/** `index`: which of the loaded segments holds code. */
export const makeCodeWritable =
  (index: number): Break =>
  (file) => {
    const header = programHeader(file, segmentType.load, index);
    setSegmentFlag(file, header, 2);
    return segmentEvidence(file, header, "PT_LOAD", "readable, writable, executable");
  };

export const dropHashTables: Break = (file) => {
  retagDynamic(file, dynamicTag.hash, dynamicTag.debug);
  retagDynamic(file, dynamicTag.gnuHash, dynamicTag.debug);
  return evidence(".dynamic", dynamicStart(file), "neither DT_HASH nor DT_GNU_HASH");
};

export const cutSectionHeaders: Break = (file) => {
  dropSectionHeaders(file);
  return evidence("ELF header e_shnum", 0, "no section headers");
};

function setSegmentFlag(file: Buffer, header: number, flag: number): void {
  const at = segmentFieldAt(file, header, "flags");
  file.writeUInt32LE(file.readUInt32LE(at) | flag, at);
}
