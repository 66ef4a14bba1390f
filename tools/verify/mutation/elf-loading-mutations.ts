// Mutations of how loaders map an ELF library, what they run, and which processor and system it asks for.
import { armAttributeAt, writePropertyNote } from "./elf-note-writer.ts";
import { cutSectionHeaders, dropHashTables, makeCodeWritable } from "./elf-breaks.ts";
import { elf, evidence, segmentEvidence } from "./elf-mutation.ts";
import {
  changeSegmentWord,
  dynamicEntry,
  dynamicTag,
  programHeader,
  retagDynamic,
  retypeSegment,
  segmentType,
  symbolPlace,
} from "./elf-writer.ts";
import { replaceText } from "./mutation.ts";
import type { Mutation } from "./mutation.ts";

const glibc = "x86_64-unknown-linux-gnu";
const glibc32 = "i686-unknown-linux-gnu";
const musl = "x86_64-unknown-linux-musl";
const arm = "armv7-unknown-linux-gnueabihf";
const android = "aarch64-linux-android";
const android32 = "armv7-linux-androideabi";

const mappingMutations: readonly Mutation[] = [
  ...[glibc, arm].map((triple) =>
    elf("elf-load-congruence", "an alignment does not fit a segment's place", triple, (file) => {
      const header = programHeader(file, segmentType.load, 1);
      changeSegmentWord(file, header, "align", () => 0x200000);
      const place = triple === arm ? [0x300, 0x10300] : [0x4f0, 0x14f0];
      const [offset, address] = place.map((number) => `0x${number.toString(16)}`);
      const value = `offset ${offset}, address ${address}, alignment 0x200000`;
      return segmentEvidence(file, header, "PT_LOAD", value);
    }),
  ),
  ...[glibc, android32].map((triple) =>
    elf("elf-writable-code", "code can be written to", triple, makeCodeWritable(1)),
  ),
  elf("elf-hash-table", "there is no hash table", glibc, dropHashTables),
  ...[android, android32].map((triple) =>
    elf("elf-section-headers", "the section headers are cut off", triple, cutSectionHeaders),
  ),
  elf("elf-tls-size", "thread-local variables take a megabyte", glibc32, (file) => {
    const header = retypeSegment(file, segmentType.ownHeaders, segmentType.tls);
    changeSegmentWord(file, header, "memoryBytes", () => 1 << 20);
    return segmentEvidence(file, header, "PT_TLS", "1048576 bytes");
  }),
  elf("elf-static-tls", "a thread-local variable has a fixed place", glibc, (file) => {
    const R_X86_64_TPOFF64 = 18;
    const dtRela = 7;
    // The first segment's addresses are offsets.
    const at = Number(file.readBigUInt64LE(dynamicEntry(file, dtRela) + 8));
    file.writeUInt32LE(R_X86_64_TPOFF64, at + 8);
    return evidence("DT_RELA relocations", at, "1 relocation of the static thread-local model");
  }),
];

const systemMutations: readonly Mutation[] = [
  elf("elf-libc", "musl is needed where glibc is promised", glibc, (file) => {
    replaceText(file, "libc.so.6", "libc.so\0\0");
    const needed = dynamicEntry(file, dynamicTag.needed);
    return evidence(".dynamic DT_NEEDED", needed, "libc.so, where glibc was expected");
  }),
  elf("android-symbols", "a symbol came with API 26", android, (file) => {
    const symbol = symbolPlace(file, "memcpy");
    replaceText(file, "\0memcpy\0", "\0semget\0");
    return evidence(".dynsym", symbol.at, "semget since API 26, promised 24");
  }),
  elf("android-symbols", "Android has no such symbol", android32, (file) => {
    const symbol = symbolPlace(file, "malloc");
    replaceText(file, "\0malloc\0", "\0mallox\0");
    return evidence(".dynsym", symbol.at, "mallox is in no library of Android");
  }),
  elf("static-initializers", "nine functions run at load", glibc, (file) => {
    retagDynamic(file, dynamicTag.procedureTable, dynamicTag.initArray);
    const entry = retagDynamic(file, dynamicTag.hash, dynamicTag.initArrayBytes, 9 * 8);
    const value = "9 functions, at most 4 expected";
    return evidence(".dynamic DT_INIT_ARRAYSZ", entry, value);
  }),
  ...[glibc, musl].map((triple) =>
    elf("elf-x86-isa", "AVX2 is asked for", triple, (file) => {
      const valueAt = writePropertyNote(file, 0xc0008002, 0b101);
      return evidence(".note.gnu.property", valueAt, "x86-64-v3");
    }),
  ),
  ...[arm, android32].map((triple) =>
    elf("elf-arm-architecture", "the code is for ARMv8", triple, (file) => {
      const tagCpuArch = 6;
      const at = armAttributeAt(file, tagCpuArch);
      file.writeUInt8(14, at);
      return evidence(".ARM.attributes", at, "Tag_CPU_arch 14");
    }),
  ),
];

/** Room that nobody reads: the compilers' names. */
function commentAt(file: Buffer): number {
  const at = file.indexOf("Linker: LLD");
  if (at < 0) throw new Error("no .comment");
  return at;
}

export const elfLoadingMutations: readonly Mutation[] = [
  ...mappingMutations,
  ...systemMutations,
  ...[glibc, arm].map((triple) =>
    elf("debug-information", "the debug sections were left in", triple, (file) => {
      replaceText(file, ".comment\0", ".debug_x\0");
      const [section, offset] = triple === glibc ? ([18, 3304] as const) : ([19, 2612] as const);
      return evidence(`section header ${section}`, offset, ".debug_x, 1 sections in all");
    }),
  ),
  elf("credentials", "a text is a cloud's access key", glibc, (file) => {
    const at = commentAt(file);
    // In two parts, so that no scanner takes this file for a leak.
    file.write(["AKIA", "IOSFODNN7EXAMPLE", "\0"].join(""), at, "latin1");
    return evidence("content", at, "AWS access key AKIAIOSF…");
  }),
];
