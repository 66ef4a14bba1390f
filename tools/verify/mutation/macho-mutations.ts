// Mutations of Apple libraries, one property each; signed again unless the signature is what is broken.
import { memberContent } from "./archive-writer.ts";
import {
  codeDirectoryAt,
  commandAt,
  endOfCommands,
  exportTrieAt,
  fillHeaderPad,
  ignoredCommand,
  loadCommand,
  rpathForDataInCode,
  sectionHeaderAt,
  sign,
  universal,
} from "./macho-writer.ts";
import { replaceText, type ExpectedEvidence, type Mutation } from "./mutation.ts";

const arm = "aarch64-apple-darwin";
const intel = "x86_64-apple-darwin";
const ios = "aarch64-apple-ios";
const dylib = "libfixture.dylib";
const cpuTypeX64 = 0x01000007;

/** A mutation of a linked file, signed again. */
function macho(
  gate: string,
  breaks: string,
  triple: string,
  change: (file: Buffer) => ExpectedEvidence,
  file = dylib,
): Mutation {
  return {
    gate,
    breaks,
    triple,
    file,
    apply: (bytes) => {
      const evidence = change(bytes);
      return { evidence, bytes: triple === arm ? sign(bytes) : bytes };
    },
  };
}

/** A mutation of the one object in an archive: member 1, behind the index. */
function object(
  gate: string,
  breaks: string,
  triple: string,
  change: (file: Buffer, start: number) => ExpectedEvidence,
): Mutation {
  const apply: Mutation["apply"] = (bytes) => ({ evidence: change(bytes, memberContent(bytes, 1)), bytes });
  return { gate, breaks, triple, file: "libfixture.a", apply };
}

export const machOMutations: readonly Mutation[] = [
  macho("file-target", "the processor is another", arm, (file) => {
    file.writeUInt32LE(cpuTypeX64, 4);
    return { section: "Mach-O header cputype", offset: 4, value: "x86_64, 64 bits; expected aarch64" };
  }),
  macho("file-target", "the file is a program", arm, (file) => {
    file.writeUInt32LE(2, 12);
    return { section: "Mach-O header filetype", offset: 12, value: "executable" };
  }),
  {
    gate: "file-target",
    breaks: "the file is a universal one",
    triple: arm,
    file: dylib,
    apply: (file) => ({
      bytes: universal(file),
      evidence: { section: "file", offset: 0, value: "fat, where dynamic was expected" },
    }),
  },
  macho("exports", "a function is not in the export trie", arm, (file) => {
    // The trie holds the common beginning "_fixture_" once; the symbol table, which dyld does not ask, keeps the name.
    const edge = file.toString("latin1").search(/[^_]copy\0/) + 1;
    file.write("coqy", edge, "latin1");
    return { section: "export trie", offset: exportTrieAt(file), value: "missing: fixture_copy" };
  }),
  macho("macho-dependencies", "a library is needed that is not everywhere", arm, (file) => ({
    section: "LC_LOAD_DYLIB",
    offset: replaceText(file, "/usr/lib/libSystem.B.dylib", "/opt/lib/libSystem.B.dylib"),
    value: "/opt/lib/libSystem.B.dylib",
  })),
  macho("macho-install-name", "the install name is a path", arm, (file) => ({
    section: "LC_ID_DYLIB",
    offset: replaceText(file, "@rpath/libfixture.dylib", "/build/libfixture.dylib"),
    value: "/build/libfixture.dylib",
  })),
  macho("macho-install-name", "the install name is another file's", intel, (file) => ({
    section: "LC_ID_DYLIB",
    offset: replaceText(file, "@rpath/libfixture.dylib", "@rpath/libfixtvre.dylib"),
    value: "@rpath/libfixtvre.dylib",
  })),
  macho("macho-rpath", "there is a search path", arm, (file) => ({
    section: "LC_RPATH",
    offset: rpathForDataInCode(file, "/o") + 12,
    value: "/o",
  })),
  macho("macho-platform", "the platform is iOS", arm, (file) => {
    const at = commandAt(file, loadCommand.buildVersion) + 8;
    file.writeUInt32LE(2, at);
    return { section: "LC_BUILD_VERSION", offset: at, value: "ios" };
  }),
  object("macho-platform", "an object is for the simulator", ios, (file, start) => {
    const at = commandAt(file, loadCommand.buildVersion, start) + 8;
    file.writeUInt32LE(7, at);
    return { section: "LC_BUILD_VERSION", offset: at, value: "ios-simulator" };
  }),
  object("macho-platform", "no object names its platform", ios, (file, start) => {
    file.writeUInt32LE(ignoredCommand, commandAt(file, loadCommand.buildVersion, start));
    return { section: "Mach-O header", offset: start, value: "no member names its platform" };
  }),
  macho("macho-minimum-os", "a newer macOS is needed", arm, (file) => {
    const at = commandAt(file, loadCommand.buildVersion) + 12;
    file.writeUInt32LE(12 << 16, at);
    return { section: "LC_BUILD_VERSION", offset: at, value: "12.0" };
  }),
  macho("macho-minimum-os", "a newer macOS is needed, in the old command", intel, (file) => {
    const at = commandAt(file, loadCommand.versionMinMacos) + 8;
    file.writeUInt32LE((10 << 16) | (12 << 8) | 1, at);
    return { section: "LC_VERSION_MIN_MACOSX", offset: at, value: "10.12.1" };
  }),
  object("macho-minimum-os", "an object needs a newer iOS", ios, (file, start) => {
    const at = commandAt(file, loadCommand.buildVersion, start) + 12;
    file.writeUInt32LE(15 << 16, at);
    return { section: "LC_BUILD_VERSION", offset: at, value: "15.0" };
  }),
  {
    gate: "macho-signature",
    breaks: "a byte was changed after signing",
    triple: arm,
    file: dylib,
    apply: (bytes) => {
      const at = replaceText(bytes, "\0good day\0", "\0good dax\0");
      const page = Math.floor(at / 2 ** bytes.readUInt8(codeDirectoryAt(bytes) + 39));
      const offset = codeDirectoryAt(bytes);
      return { bytes, evidence: { section: "LC_CODE_SIGNATURE", offset, value: `bad pages: ${page}` } };
    },
  },
  {
    gate: "macho-signature",
    breaks: "there is no signature",
    triple: arm,
    file: "fixture.node",
    apply: (bytes) => {
      bytes.writeUInt32LE(ignoredCommand, commandAt(bytes, loadCommand.codeSignature));
      return { bytes, evidence: { section: "Mach-O header cputype", offset: 4, value: "none" } };
    },
  },
  ...[arm, intel].flatMap((triple): Mutation[] => [
    macho("macho-bitcode", "a section holds bitcode", triple, (file) => {
      const at = sectionHeaderAt(file, "__unwind_info");
      file.write("__bitcode".padEnd(16, "\0") + "__LLVM".padEnd(16, "\0"), at, "latin1");
      return { section: "section header __LLVM,__bitcode", offset: at, value: "__bitcode" };
    }),
    macho("macho-two-level", "names are looked up everywhere", triple, (file) => {
      const flags = file.readUInt32LE(24) & ~0x80;
      file.writeUInt32LE(flags, 24);
      return { section: "Mach-O header flags", offset: 24, value: `0x${flags.toString(16)}: no MH_TWOLEVEL` };
    }),
    macho("macho-uuid", "there is no UUID", triple, (file) => {
      file.writeUInt32LE(ignoredCommand, commandAt(file, loadCommand.uuid));
      return { section: "Mach-O header cputype", offset: 4, value: "no LC_UUID" };
    }),
    macho("macho-writable-code", "code can be written to", triple, (file) => {
      const at = commandAt(file, loadCommand.segment);
      const initialProtection = 60;
      file.writeUInt32LE(7, at + initialProtection);
      return { section: "LC_SEGMENT_64", offset: at, value: "__TEXT: readable, writable, executable" };
    }),
    macho("macho-header-pad", "the load commands fill their room", triple, (file) => {
      fillHeaderPad(file, 16);
      return { section: "Mach-O header cputype", offset: 4, value: "16 bytes" };
    }),
  ]),
  ...[arm, intel].flatMap((triple): Mutation[] => [
    macho("debug-information", "the debug sections were left in", triple, (file) => {
      const at = sectionHeaderAt(file, "__unwind_info");
      file.write("__debug_xx".padEnd(16, "\0"), at, "latin1");
      return { section: "section header", offset: at, value: "__debug_xx, 1 sections in all" };
    }),
    macho("static-initializers", "nine functions run at load", triple, (file) => {
      const at = sectionHeaderAt(file, "__unwind_info");
      const [sizeField, flagsField, initializers] = [40, 64, 9];
      file.write("__mod_init_func".padEnd(16, "\0"), at, "latin1");
      file.writeBigUInt64LE(9n * 8n, at + sizeField);
      file.writeUInt32LE(initializers, at + flagsField);
      const section = "section header __TEXT,__mod_init_func";
      return { section, offset: at, value: "9 functions, at most 4 expected" };
    }),
    macho("credentials", "a text is a cloud's access key", triple, (file) => {
      const at = endOfCommands(file) + 4;
      // In two parts, so that no scanner takes this file for a leak.
      file.write(["AKIA", "IOSFODNN7EXAMPLE", "\0"].join(""), at, "latin1");
      return { section: "content", offset: at, value: "AWS access key AKIAIOSF…" };
    }),
  ]),
  macho("build-paths", "a text names a user's folder", arm, (file) => ({
    section: "content",
    offset: replaceText(file, "good day", "/Users/u"),
    value: "/Users/u",
  })),
];
