// Mutations of Apple libraries that were not built here; signed again unless the signature is what is broken.
import { memberContent, memberHeader } from "./archive-writer.ts";
import { examined, type ExaminedMutation } from "./examined-mutation.ts";
import {
  codeDirectoryAt,
  commandAt,
  exportTrieAt,
  fillHeaderPad,
  headerRoom,
  ignoredCommand,
  loadCommand,
  rpathForDataInCode,
  sectionHeaderAt,
  sign,
  symbolAt,
} from "./macho-writer.ts";
import { replaceText, type ExpectedEvidence } from "./mutation.ts";

const jna = { corpus: "jna", member: "com/sun/jna/darwin-aarch64/libjnidispatch.jnilib" };
const rollup = { corpus: "rollup-darwin-arm64", member: "package/rollup.darwin-arm64.node" };
const rollupIntel = { corpus: "rollup-darwin-x64", member: "package/rollup.darwin-x64.node" };
const cffi = { corpus: "cffi-macos-arm64", member: "_cffi_backend.cpython-311-darwin.so" };
const cryptography = {
  corpus: "cryptography-macos-universal2",
  member: "cryptography/hazmat/bindings/_rust.abi3.so",
};
const vips = {
  corpus: "sharp-libvips-darwin-arm64",
  member: "package/lib/libvips-cpp.8.18.7.dylib",
};
const numpyArchive = { corpus: "numpy-macos-arm64", member: "numpy/_core/lib/libnpymath.a" };

const numpyRandom = { corpus: "numpy-macos-arm64", member: "numpy/random/lib/libnpyrandom.a" };

const cpuTypeX64 = 0x01000007;

/** A mutation of a linked file, signed again. */
function signed(
  gate: string,
  breaks: string,
  origin: ExaminedMutation["origin"],
  change: (file: Buffer) => ExpectedEvidence,
  more: Pick<ExaminedMutation, "fileName" | "policy"> = {},
): ExaminedMutation {
  const apply: ExaminedMutation["apply"] = (bytes) => {
    const evidence = change(bytes);
    return { evidence, bytes: sign(bytes) };
  };
  return { gate, breaks, origin, ...more, apply };
}

const linked: readonly ExaminedMutation[] = [
  signed(
    "file-target",
    "the processor is another",
    jna,
    (file) => {
      file.writeUInt32LE(cpuTypeX64, 4);
      return { section: "Mach-O header cputype", offset: 4, value: "x86_64, 64 bits; expected aarch64" };
    },
    { policy: { cpu: "aarch64", bits: 64 } },
  ),
  signed(
    "exports",
    "an addon has lost its entry",
    rollup,
    (file) => {
      const trie = exportTrieAt(file);
      const at = file.indexOf("register_module_v1\0", trie);
      file.write("register_module_v9", at, "latin1");
      return { section: "export trie", offset: trie, value: "missing: napi_register_module_v1" };
    },
    { policy: { functions: [] } },
  ),
  signed("macho-dependencies", "a library is needed that is not everywhere", jna, (file) => ({
    section: "LC_LOAD_DYLIB",
    offset: replaceText(file, "/usr/lib/libSystem.B.dylib", "/opt/lib/libSystem.B.dylib"),
    value: "/opt/lib/libSystem.B.dylib",
  })),
  signed("macho-install-name", "the install name is a path", vips, (file) => ({
    section: "LC_ID_DYLIB",
    offset: replaceText(file, "@rpath/libvips-cpp.8.18.7.dylib", "/build/libvips-cpp.8.18.7.dylib"),
    value: "/build/libvips-cpp.8.18.7.dylib",
  })),
  ...[jna, cffi].map((origin) =>
    signed("macho-rpath", "there is a search path", origin, (file) => ({
      section: "LC_RPATH",
      offset: rpathForDataInCode(file, "/o") + 12,
      value: "/o",
    })),
  ),
  ...[jna, rollup].map((origin) =>
    signed(
      "macho-platform",
      "the platform is iOS",
      origin,
      (file) => {
        const at = commandAt(file, loadCommand.buildVersion) + 8;
        file.writeUInt32LE(2, at);
        return { section: "LC_BUILD_VERSION", offset: at, value: "ios" };
      },
      { policy: { macho: { platform: "macos" } } },
    ),
  ),
  ...[jna, cffi].map((origin) =>
    signed(
      "macho-minimum-os",
      "a newer macOS is needed",
      origin,
      (file) => {
        const at = commandAt(file, loadCommand.buildVersion) + 12;
        file.writeUInt32LE(12 << 16, at);
        return { section: "LC_BUILD_VERSION", offset: at, value: "12.0" };
      },
      { policy: { macho: { minimumOs: "11.0" } } },
    ),
  ),
  ...[jna, cffi].map((origin) =>
    examined("macho-signature", "a byte was changed after signing", origin, (file) => {
      const at = file.indexOf("__text\0");
      file.write("__txet", at, "latin1");
      const offset = codeDirectoryAt(file);
      return { section: "LC_CODE_SIGNATURE", offset, value: "bad pages: 0" };
    }),
  ),
  examined("macho-signature", "there is no signature", rollup, (file) => {
    file.writeUInt32LE(ignoredCommand, commandAt(file, loadCommand.codeSignature));
    return { section: "Mach-O header cputype", offset: 4, value: "none" };
  }),
  signed("macho-bitcode", "a section holds bitcode", jna, (file) => {
    const at = sectionHeaderAt(file, "__eh_frame");
    file.write("__bitcode".padEnd(16, "\0") + "__LLVM".padEnd(16, "\0"), at, "latin1");
    return { section: "section header __LLVM,__bitcode", offset: at, value: "__bitcode" };
  }),
  ...[jna, rollup].map((origin) =>
    signed("macho-two-level", "names are looked up everywhere", origin, (file) => {
      const flags = file.readUInt32LE(24) & ~0x80;
      file.writeUInt32LE(flags, 24);
      return { section: "Mach-O header flags", offset: 24, value: `0x${flags.toString(16)}: no MH_TWOLEVEL` };
    }),
  ),
  ...[jna, cffi].map((origin) =>
    signed("macho-uuid", "there is no UUID", origin, (file) => {
      file.writeUInt32LE(ignoredCommand, commandAt(file, loadCommand.uuid));
      return { section: "Mach-O header cputype", offset: 4, value: "no LC_UUID" };
    }),
  ),
  ...[jna, cffi].map((origin) =>
    signed("macho-writable-code", "code can be written to", origin, (file) => {
      const at = commandAt(file, loadCommand.segment);
      const initialProtection = 60;
      file.writeUInt32LE(7, at + initialProtection);
      return { section: "LC_SEGMENT_64", offset: at, value: "__TEXT: readable, writable, executable" };
    }),
  ),
  signed("macho-header-pad", "the load commands fill their room", vips, (file) => {
    fillHeaderPad(file, headerRoom(file) - 16);
    return { section: "Mach-O header cputype", offset: 4, value: "16 bytes" };
  }),
  signed("debug-information", "the debug sections were left in", jna, (file) => {
    const at = sectionHeaderAt(file, "__eh_frame");
    file.write("__debug_xx", at, "latin1");
    return {
      section: "section header",
      offset: at,
      value: "__debug_xx, 1 sections in all",
    };
  }),
  signed("build-paths", "a text names a user's folder", jna, (file) => ({
    section: "content",
    offset: replaceText(file, "<unconfigured native", "/Users/u/ured native"),
    value: "/Users/u/ured native thread>",
  })),
  signed("credentials", "a text is a cloud's access key", jna, (file) => ({
    section: "content",
    // In two parts, so that no scanner takes this file for a leak.
    offset: replaceText(
      file,
      "<unconfigured native thread",
      ["AKIA", "IOSFODNN7EXAMPLE", "\0thread"].join(""),
    ),
    value: "AWS access key AKIAIOSF…",
  })),
  examined(
    "static-initializers",
    "nine functions run at load",
    rollupIntel,
    (file) => {
      const at = sectionHeaderAt(file, "__mod_init_func");
      file.writeBigUInt64LE(9n * 8n, at + 40);
      return {
        section: "section header __DATA,__mod_init_func",
        offset: at,
        value: "9 functions, at most 8 expected",
      };
    },
    { policy: { initializers: 8 } },
  ),
  examined("fat-slices", "a function is in one slice only", cryptography, (file) => {
    const [first, second] = [file.readUInt32BE(8 + 8), file.readUInt32BE(8 + 20 + 8)];
    file.write("_rusx", file.indexOf("_rust\0", exportTrieAt(file, first)), "latin1");
    return {
      section: "export trie",
      offset: exportTrieAt(file, second),
      value: "PyInit__rusx is in the first slice only",
    };
  }),
];

/** One index comes first. */
const firstObject = 1;

const archives: readonly ExaminedMutation[] = [
  {
    gate: "file-target",
    breaks: "a static library is no archive",
    origin: numpyArchive,
    apply: (file) => ({
      bytes: file.subarray(memberContent(file, firstObject), memberHeader(file, firstObject + 1)),
      evidence: { section: "file", offset: 0, value: "macho, where static was expected" },
    }),
  },
  examined(
    "macho-platform",
    "an object is for the simulator",
    numpyArchive,
    (file) => {
      const at = commandAt(file, loadCommand.buildVersion, memberContent(file, firstObject)) + 8;
      file.writeUInt32LE(7, at);
      return { section: "LC_BUILD_VERSION", offset: at, value: "ios-simulator" };
    },
    { policy: { macho: { platform: "macos" } } },
  ),
  examined(
    "macho-minimum-os",
    "an object needs a newer macOS",
    numpyArchive,
    (file) => {
      const at = commandAt(file, loadCommand.buildVersion, memberContent(file, firstObject)) + 12;
      file.writeUInt32LE(15 << 16, at);
      return { section: "LC_BUILD_VERSION", offset: at, value: "15.0" };
    },
    { policy: { macho: { minimumOs: "14.0" } } },
  ),
  examined("build-paths", "a member's name has a user's folder", numpyArchive, (file) => {
    const at = file.lastIndexOf("src_npymath_npy_math.c.o");
    file.write("/Users/u/", at, "latin1");
    return { section: "content", offset: at, value: "/Users/u/th_npy_math.c.o" };
  }),
  examined(
    "archive-members",
    "a member is of another processor",
    numpyArchive,
    (file) => {
      const offset = memberContent(file, firstObject) + 4;
      file.writeUInt32LE(cpuTypeX64, offset);
      return { section: "Mach-O header cputype", offset, value: "x86_64, 64 bits; expected aarch64" };
    },
    { policy: { cpu: "aarch64", bits: 64 } },
  ),
  examined(
    "static-exports",
    "a function is not defined",
    numpyRandom,
    (file) => {
      const second = 2;
      const entry = symbolAt(file, "_random_zipf", memberContent(file, second));
      const undefinedType = 1;
      file.writeUInt8(undefinedType, entry + 4);
      file.writeUInt8(0, entry + 5);
      // One with a size would be a common symbol.
      file.writeBigUInt64LE(0n, entry + 8);
      return { section: "symbol tables of all members", offset: 0, value: "not defined: random_zipf" };
    },
    { policy: { functions: ["random_zipf"] } },
  ),
  examined(
    "archive-index",
    "a function is not in the index",
    numpyArchive,
    (file) => {
      const at = file.indexOf("_npy_gcdull\0");
      if (at > memberHeader(file, firstObject)) throw new Error("not in the index");
      file.write("_npy_gcduxx", at, "latin1");
      return { section: "archive index", offset: 8, value: "not listed: npy_gcdull" };
    },
    { policy: { functions: ["npy_gcdull"] } },
  ),
];

export const foreignMachOMutations: readonly ExaminedMutation[] = [...linked, ...archives];
