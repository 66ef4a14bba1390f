// Mutations of ELF libraries that were not built here.
import { armAttributeAt, writePropertyNote } from "./elf-note-writer.ts";
import {
  addTextRelocations,
  askForExecutableStack,
  askForStaticTls,
  bindLate,
  cutSectionHeaders,
  dropHashTables,
  dropRelro,
  makeCodeWritable,
  packRelocations,
} from "./elf-breaks.ts";
import { evidence, segmentEvidence } from "./elf-mutation.ts";
import {
  changeDynamicValue,
  changeSegmentWord,
  dynamicEntry,
  dynamicStringOffset,
  dynamicSymbolsStart,
  dynamicTag,
  programHeader,
  retagDynamic,
  sectionHeader,
  segmentType,
  symbolPlace,
  symbolVersionAt,
  versionNeedAt,
} from "./elf-writer.ts";
import { examined, type ExaminedMutation } from "./examined-mutation.ts";
import { placeOf, replaceText } from "./mutation.ts";

const jna = { corpus: "jna", member: "com/sun/jna/linux-x86-64/libjnidispatch.so" };
const jnaArm = { corpus: "jna", member: "com/sun/jna/linux-arm/libjnidispatch.so" };
const rollup = { corpus: "rollup-linux-x64-musl", member: "package/rollup.linux-x64-musl.node" };
const rollupArm = { corpus: "rollup-linux-arm-gnueabihf", member: "package/rollup.linux-arm-gnueabihf.node" };
const cryptography = {
  corpus: "cryptography-musllinux-aarch64",
  member: "cryptography/hazmat/bindings/_rust.abi3.so",
};
const sharedRuntime = { corpus: "fbjni", member: "jni/arm64-v8a/libc++_shared.so" };
const fbjni = { corpus: "fbjni", member: "jni/arm64-v8a/libfbjni.so" };

const target: readonly ExaminedMutation[] = [
  examined(
    "file-target",
    "the processor is another",
    jna,
    (file) => {
      const riscv = 243;
      file.writeUInt16LE(riscv, 18);
      return evidence("ELF header e_machine", 18, "riscv64, 64 bits; expected x86_64");
    },
    { policy: { cpu: "x86_64", bits: 64 } },
  ),
  examined(
    "elf-arm-float",
    "floats are passed in integer registers",
    jnaArm,
    (file) => {
      file.writeUInt32LE(0x5000200, 36);
      return evidence("ELF header e_flags", 36, "0x5000200");
    },
    { policy: { elf: { hardFloat: true } } },
  ),
  examined("elf-arm-architecture", "the code is for ARMv8", jnaArm, (file) => {
    const tagCpuArch = 6;
    const at = armAttributeAt(file, tagCpuArch);
    file.writeUInt8(14, at);
    return evidence(".ARM.attributes", at, "Tag_CPU_arch 14");
  }),
  examined("elf-x86-isa", "AVX2 is asked for", jna, (file) => {
    const valueAt = writePropertyNote(file, 0xc0008002, 0b101);
    return evidence(".note.gnu.property", valueAt, "x86-64-v3");
  }),
  examined(
    "elf-libc",
    "musl is needed where glibc is promised",
    jna,
    (file) => {
      replaceText(file, "libc.so.6", "libc.so\0\0");
      const needed = dynamicEntry(file, dynamicTag.needed);
      return evidence(".dynamic DT_NEEDED", needed, "libc.so, where glibc was expected");
    },
    { policy: { elf: { libc: "glibc" } } },
  ),
  examined(
    "glibc-floor",
    "a newer glibc is needed",
    jna,
    (file) => {
      const at = versionNeedAt(file, "GLIBC_2.3.4");
      // The dynamic string table comes first; the other has the name for debuggers.
      file.write("GLIBC_2.34\0", placeOf(file, "GLIBC_2.3.4", 2), "latin1");
      return evidence(".gnu.version_r", at, "GLIBC_2.34");
    },
    { policy: { elf: { versions: { GLIBC: "2.17" } } } },
  ),
  examined(
    "symbol-version-floor",
    "a newer libgcc is needed",
    rollupArm,
    (file) => {
      const at = versionNeedAt(file, "GCC_3.5");
      replaceText(file, "GCC_3.5", "GCC_9.5");
      return evidence(".gnu.version_r", at, "GCC_9.5");
    },
    { policy: { elf: { versions: { GCC: "4.8" } } } },
  ),
  examined(
    "android-api",
    "a newer Android is needed",
    fbjni,
    (file) => {
      const note = Number(file.readBigUInt64LE(programHeader(file, segmentType.note) + 8));
      file.writeUInt32LE(29, note + 20);
      return evidence(".note.android.ident", note + 20, "29");
    },
    { policy: { elf: { androidApi: 21 } } },
  ),
];

const names: readonly ExaminedMutation[] = [
  examined(
    "exports",
    "an addon has lost its entry",
    rollup,
    (file) => {
      const hidden = 2;
      file.writeUInt8(hidden, symbolPlace(file, "napi_register_module_v1").visibilityAt);
      return evidence(".dynsym", dynamicSymbolsStart(file), "missing: napi_register_module_v1");
    },
    { policy: { functions: [] } },
  ),
  examined(
    "elf-needed",
    "a library is needed that Android does not have",
    fbjni,
    (file) => {
      replaceText(file, "\0libm.so\0", "\0libq.so\0");
      const third = 2;
      const needed = dynamicEntry(file, dynamicTag.needed, third);
      return evidence(".dynamic DT_NEEDED", needed, "libq.so");
    },
    { beside: [sharedRuntime.member] },
  ),
  examined(
    "elf-unresolved",
    "a symbol comes from no library",
    rollupArm,
    (file) => {
      const symbol = symbolPlace(file, "memcpy");
      file.writeUInt16LE(1, symbolVersionAt(file, symbol.index));
      return evidence(".dynsym", symbol.at, "memcpy");
    },
    { policy: { strict: true } },
  ),
  examined("elf-soname", "the SONAME is another", sharedRuntime, (file) => {
    replaceText(file, "\0libc++_shared.so\0", "\0libc++_stared.so\0");
    return evidence(".dynamic DT_SONAME", dynamicEntry(file, dynamicTag.soname), "libc++_stared.so");
  }),
  examined("elf-rpath", "there is a DT_RUNPATH", fbjni, (file) => {
    const path = dynamicStringOffset(file, "libm.so");
    const entry = retagDynamic(file, dynamicTag.hash, dynamicTag.runpath, path);
    return evidence(".dynamic DT_RUNPATH", entry, "libm.so");
  }),
  examined("android-symbols", "a symbol came with API 26", fbjni, (file) => {
    const symbol = symbolPlace(file, "memcpy");
    replaceText(file, "\0memcpy\0", "\0semget\0");
    return evidence(".dynsym", symbol.at, "semget since API 26, promised 21");
  }),
];

const loading: readonly ExaminedMutation[] = [
  examined("elf-page-alignment", "a segment is aligned to 4096", cryptography, (file) => {
    const header = programHeader(file, segmentType.load, 0);
    changeSegmentWord(file, header, "align", () => 0x1000);
    return segmentEvidence(file, header, "PT_LOAD", "0x1000");
  }),
  examined("elf-relro-end", "the read-only data ends inside a page", fbjni, (file) => {
    const header = programHeader(file, segmentType.relro);
    changeSegmentWord(file, header, "memoryBytes", (bytes) => bytes - 0x1000);
    const end = segmentEnd(file, header);
    return segmentEvidence(file, header, "PT_GNU_RELRO", `0x${end.toString(16)}`);
  }),
  examined("elf-load-congruence", "an alignment does not fit a segment's place", jna, (file) => {
    const header = programHeader(file, segmentType.load, 1);
    changeSegmentWord(file, header, "align", () => 0x400000);
    const value = "offset 0x1d1a8, address 0x21d1a8, alignment 0x400000";
    return segmentEvidence(file, header, "PT_LOAD", value);
  }),
  examined("elf-writable-code", "code can be written to", jna, makeCodeWritable(0)),
  examined("elf-hash-table", "there is no hash table", jna, dropHashTables),
  examined("elf-section-headers", "the section headers are cut off", fbjni, cutSectionHeaders),
  examined("elf-tls-size", "thread-local variables take a megabyte", rollup, (file) => {
    const header = programHeader(file, segmentType.tls);
    changeSegmentWord(file, header, "memoryBytes", () => 1 << 20);
    return segmentEvidence(file, header, "PT_TLS", "1048576 bytes");
  }),
  examined(
    "static-initializers",
    "nine functions run at load",
    rollup,
    (file) => {
      const entry = dynamicEntry(file, dynamicTag.initArrayBytes);
      changeDynamicValue(file, entry, () => 9 * 8);
      return evidence(".dynamic DT_INIT_ARRAYSZ", entry, "9 functions, at most 7 expected");
    },
    { policy: { initializers: 7 } },
  ),
];

const hardening: readonly ExaminedMutation[] = [
  examined("elf-executable-stack", "an executable stack is asked for", jna, askForExecutableStack),
  examined("elf-relro", "nothing is made read-only after relocation", rollup, dropRelro),
  examined("elf-bind-now", "symbols are bound late", rollup, bindLate),
  examined("elf-text-relocations", "there is a DT_TEXTREL", rollup, addTextRelocations),
  examined("elf-static-tls", "static thread-local storage is asked for", rollup, askForStaticTls),
  examined("elf-packed-relocations", "relocations are packed", rollup, packRelocations),
];

const contents: readonly ExaminedMutation[] = [
  examined("debug-information", "the debug sections were left in", jna, (file) => {
    const { index, at } = sectionHeader(file, ".comment");
    replaceText(file, ".comment\0", ".debug_x\0");
    return evidence(`section header ${index}`, at, ".debug_x, 1 sections in all");
  }),
  examined("build-paths", "a text names a home folder", jna, (file) => {
    const at = replaceText(file, "<unconfigured native", "/home/u/gured native");
    return evidence("content", at, "/home/u/gured native thread>");
  }),
  examined("credentials", "a text is a cloud's access key", jna, (file) => {
    const at = placeOf(file, "<unconfigured native thread>");
    // In two parts, so that no scanner takes this file for a leak.
    file.write(["AKIA", "IOSFODNN7EXAMPLE", "\0"].join(""), at, "latin1");
    return evidence("content", at, "AWS access key AKIAIOSF…");
  }),
];

export const foreignElfMutations: readonly ExaminedMutation[] = [
  ...target,
  ...names,
  ...loading,
  ...hardening,
  ...contents,
];

/** Address behind the last byte of a segment of a 64-bit file. */
function segmentEnd(file: Buffer, header: number): bigint {
  return file.readBigUInt64LE(header + 16) + file.readBigUInt64LE(header + 40);
}
