// Mutations of ELF libraries, one property each.
import {
  addTextRelocations,
  askForExecutableStack,
  askForStaticTls,
  bindLate,
  dropRelro,
  packRelocations,
} from "./elf-breaks.ts";
import { elf, evidence, segmentEvidence } from "./elf-mutation.ts";
import { elfLoadingMutations } from "./elf-loading-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { replaceText } from "./mutation.ts";
import {
  changeDynamicValue,
  changeSegmentWord,
  dynamicEntry,
  dynamicStart,
  dynamicStringOffset,
  dynamicSymbolsStart,
  dynamicTag,
  programHeader,
  programHeadersStart,
  retagDynamic,
  segmentType,
  symbolPlace,
  symbolVersionAt,
} from "./elf-writer.ts";

const glibc = "x86_64-unknown-linux-gnu";
const musl = "x86_64-unknown-linux-musl";
const arm = "armv7-unknown-linux-gnueabihf";
const android = "aarch64-linux-android";

const headerMutations: readonly Mutation[] = [
  elf("file-target", "the processor is another", glibc, (file) => {
    file.writeUInt16LE(183, 18);
    return evidence("ELF header e_machine", 18, "aarch64, 64 bits; expected x86_64");
  }),
  elf("file-target", "the file is a program", arm, (file) => {
    file.writeUInt16LE(2, 16);
    return evidence("ELF header e_type", 16, "executable");
  }),
  elf("elf-arm-float", "floats are passed in integer registers", arm, (file) => {
    file.writeUInt32LE(0x5000200, 36);
    return evidence("ELF header e_flags", 36, "0x5000200");
  }),
  elf(
    "elf-arm-float",
    "floats are passed in float registers on Android",
    "armv7-linux-androideabi",
    (file) => {
      file.writeUInt32LE(0x5000400, 36);
      return evidence("ELF header e_flags", 36, "0x5000400");
    },
  ),
];

const symbolMutations: readonly Mutation[] = [
  elf("exports", "a function is hidden", glibc, (file) => {
    file.writeUInt8(2, symbolPlace(file, "fixture_copy").visibilityAt);
    return evidence(".dynsym", dynamicSymbolsStart(file), "missing: fixture_copy");
  }),
  elf("exports", "a function too many is exported", android, (file) => {
    const symbol = symbolPlace(file, "malloc");
    file.writeUInt16LE(1, symbol.sectionAt);
    return evidence(".dynsym", symbol.at, "not in the header: malloc");
  }),
  elf(
    "exports",
    "an addon has lost its entry",
    glibc,
    (file) => {
      file.writeUInt8(2, symbolPlace(file, "napi_register_module_v1").visibilityAt);
      return evidence(".dynsym", dynamicSymbolsStart(file), "missing: napi_register_module_v1");
    },
    "fixture.node",
  ),
  elf("elf-unresolved", "a symbol comes from no library", glibc, (file) => {
    const symbol = symbolPlace(file, "malloc");
    file.writeUInt16LE(1, symbolVersionAt(file, symbol.index));
    return evidence(".dynsym", symbol.at, "malloc");
  }),
  elf(
    "elf-unresolved",
    "an addon needs what Node does not have",
    glibc,
    (file) => {
      const symbol = symbolPlace(file, "napi_create_object");
      replaceText(file, "napi_create_object", "nope_create_object");
      return evidence(".dynsym", symbol.at, "nope_create_object");
    },
    "fixture.node",
  ),
];

const nameMutations: readonly Mutation[] = [
  elf("elf-needed", "a library is needed that is not everywhere", glibc, (file) => {
    replaceText(file, "libc.so.6", "libz.so.1");
    return evidence(".dynamic DT_NEEDED", dynamicEntry(file, dynamicTag.needed), "libz.so.1");
  }),
  elf("elf-needed", "musl is not what is needed", musl, (file) => {
    replaceText(file, "\0libc.so\0", "\0libz.so\0");
    return evidence(".dynamic DT_NEEDED", dynamicEntry(file, dynamicTag.needed), "libz.so");
  }),
  elf("elf-needed", "a library is needed that Android does not have", android, (file) => {
    replaceText(file, "\0libc.so\0", "\0libz.so\0");
    return evidence(".dynamic DT_NEEDED", dynamicEntry(file, dynamicTag.needed), "libz.so");
  }),
  elf("elf-soname", "the SONAME is another", musl, (file) => {
    replaceText(file, "libfixture.so", "libfixtvre.so");
    return evidence(".dynamic DT_SONAME", dynamicEntry(file, dynamicTag.soname), "libfixtvre.so");
  }),
  elf("elf-soname", "there is no SONAME", "i686-unknown-linux-gnu", (file) => {
    retagDynamic(file, dynamicTag.soname, dynamicTag.debug);
    return evidence(".dynamic", dynamicStart(file), "none");
  }),
  elf("elf-rpath", "there is a DT_RPATH", glibc, (file) => {
    const path = dynamicStringOffset(file, "libc.so.6");
    return evidence(
      ".dynamic DT_RPATH",
      retagDynamic(file, dynamicTag.hash, dynamicTag.rpath, path),
      "libc.so.6",
    );
  }),
  elf("elf-rpath", "there is a DT_RUNPATH", arm, (file) => {
    const path = dynamicStringOffset(file, "libc.so.6");
    const entry = retagDynamic(file, dynamicTag.hash, dynamicTag.runpath, path);
    return evidence(".dynamic DT_RUNPATH", entry, "libc.so.6");
  }),
];

const systemMutations: readonly Mutation[] = [
  elf("glibc-floor", "a newer glibc is needed", "aarch64-unknown-linux-gnu", (file) => {
    replaceText(file, "GLIBC_2.17", "GLIBC_2.18");
    return evidence(".gnu.version_r", versionNeedAt(file), "GLIBC_2.18");
  }),
  elf("glibc-floor", "glibc's private symbols are needed", "aarch64-unknown-linux-gnu", (file) => {
    replaceText(file, "GLIBC_2.17", "GLIBC_PRIV");
    return evidence(".gnu.version_r", versionNeedAt(file), "GLIBC_PRIV");
  }),
  elf("android-api", "a newer Android is needed", android, (file) => {
    const at = noteAt(file) + 20;
    file.writeUInt32LE(29, at);
    return evidence(".note.android.ident", at, "29");
  }),
  elf("android-api", "the note is missing", android, (file) => {
    file.write("Robot", noteAt(file) + 12, "latin1");
    return evidence(".note.android.ident", dynamicStart(file), "none");
  }),
  ...(
    [
      ["aarch64-unknown-linux-gnu", 0x1000],
      [android, 0x1000],
      ["armv7-linux-androideabi", 0x1000],
      [glibc, 0x200],
    ] as const
  ).map(([triple, align]) =>
    elf("elf-page-alignment", `a segment is aligned to ${align}`, triple, (file) => {
      const header = programHeader(file, segmentType.load, 1);
      changeSegmentWord(file, header, "align", () => align);
      return segmentEvidence(file, header, "PT_LOAD", `0x${align.toString(16)}`);
    }),
  ),
  elf("elf-relro-end", "the read-only data ends inside a page", android, (file) => {
    const header = programHeader(file, segmentType.relro);
    changeSegmentWord(file, header, "memoryBytes", (bytes) => bytes - 0x1000);
    return segmentEvidence(file, header, "PT_GNU_RELRO", "0xb000");
  }),
];

const hardeningMutations: readonly Mutation[] = [
  elf("elf-executable-stack", "an executable stack is asked for", glibc, askForExecutableStack),
  elf("elf-executable-stack", "nothing is said of the stack", arm, (file) => {
    file.writeUInt32LE(0, programHeader(file, segmentType.stack));
    return evidence("program headers", programHeadersStart(file), "no PT_GNU_STACK");
  }),
  elf("elf-relro", "nothing is made read-only after relocation", glibc, dropRelro),
  elf("elf-bind-now", "symbols are bound late", glibc, bindLate),
  elf("elf-text-relocations", "there is a DT_TEXTREL", android, addTextRelocations),
  elf("elf-text-relocations", "DF_TEXTREL is set", arm, (file) => {
    const entry = dynamicEntry(file, dynamicTag.flags);
    changeDynamicValue(file, entry, (flags) => flags | 4);
    return evidence(".dynamic DT_FLAGS", entry, "text relocations");
  }),
  elf("elf-static-tls", "static thread-local storage is asked for", glibc, askForStaticTls),
  ...[glibc, musl, android].map((triple) =>
    elf("elf-packed-relocations", "relocations are packed", triple, packRelocations),
  ),
];

export const elfMutations: readonly Mutation[] = [
  ...headerMutations,
  ...symbolMutations,
  ...nameMutations,
  ...systemMutations,
  ...hardeningMutations,
  ...elfLoadingMutations,
  elf("build-paths", "a text names a home folder", glibc, (file) =>
    evidence("content", replaceText(file, "good day", "/home/u/"), "/home/u/"),
  ),
];

/** Offset of the entry of the one version that the file needs: 16 bytes behind the entry of its library. */
function versionNeedAt(file: Buffer): number {
  const dtVerneed = 0x6ffffffe;
  // The section lies in the first segment, where addresses are offsets.
  return Number(file.readBigUInt64LE(dynamicEntry(file, dtVerneed) + 8)) + 16;
}

function noteAt(file: Buffer): number {
  return Number(file.readBigUInt64LE(programHeader(file, segmentType.note) + 8));
}
