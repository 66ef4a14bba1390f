// Mutations of Windows libraries, one property each.
import { replaceText, type ExpectedEvidence, type Mutation } from "./mutation.ts";
import {
  clearDirectory,
  coffHeader,
  debugEntry,
  dosStub,
  exportDirectory,
  optionalHeader,
  sectionHeader,
} from "./pe-writer.ts";

const x64 = "x86_64-pc-windows-gnullvm";
const x86 = "i686-pc-windows-gnullvm";

function pe(
  gate: string,
  breaks: string,
  triple: string,
  change: (file: Buffer) => ExpectedEvidence,
  file = "fixture.dll",
): Mutation {
  return { gate, breaks, triple, file, apply: (bytes) => ({ evidence: change(bytes), bytes }) };
}

/** Types of entries of the debug directory. */
const codeView = 2;
const unknownEntry = 0;

/** Number of the data directory. */
const baseRelocations = 5;

export const peMutations: readonly Mutation[] = [
  pe("file-target", "the processor is another", x64, (file) => {
    file.writeUInt16LE(0xaa64, coffHeader(file));
    return {
      section: "COFF header Machine",
      offset: coffHeader(file),
      value: "aarch64, 64 bits; expected x86_64",
    };
  }),
  pe("file-target", "the file is a program", x86, (file) => {
    const at = coffHeader(file) + 18;
    file.writeUInt16LE(file.readUInt16LE(at) & ~0x2000, at);
    return { section: "COFF header Characteristics", offset: at, value: "is no DLL" };
  }),
  pe("exports", "a function has another name", x64, (file) => {
    replaceText(file, "\0fixture_greets\0", "\0fixture_treats\0");
    return {
      section: "export directory Name",
      offset: file.indexOf("fixture.dll"),
      value: "missing: fixture_greets",
    };
  }),
  pe("exports", "a function has lost its name", x64, (file) => {
    const table = exportDirectory(file);
    const names = file.readUInt32LE(table + 24);
    // The last name goes; the function stays, by its number.
    file.writeUInt32LE(names - 1, table + 24);
    return {
      section: "export directory Name",
      offset: file.indexOf("fixture.dll"),
      value: "missing: fixture_greets",
    };
  }),
  pe("exports", "a function carries the mark of stdcall", x86, (file) => {
    replaceText(file, "\0fixture_copy\0", "\0fixture_cp@4\0");
    return {
      section: "export directory Name",
      offset: file.indexOf("fixture.dll"),
      value: "missing: fixture_copy",
    };
  }),
  pe("pe-imports", "a DLL is needed that is not everywhere", x64, (file) => ({
    section: "import directory",
    offset: replaceText(file, "KERNEL32.dll", "VCRUNT14.dll"),
    value: "VCRUNT14.dll",
  })),
  pe(
    "pe-imports",
    "an addon needs another program than Node",
    x86,
    (file) => ({
      section: "import directory",
      offset: replaceText(file, "node.exe", "cool.exe"),
      value: "cool.exe",
    }),
    "fixture.node",
  ),
  pe("pe-export-name", "the export table names another DLL", x64, (file) => ({
    section: "export directory Name",
    offset: replaceText(file, "fixture.dll", "fixtvre.dll"),
    value: "fixtvre.dll",
  })),
  pe("pe-minimum-os", "a newer Windows is needed", x64, (file) => {
    const at = optionalHeader(file) + 48;
    file.writeUInt16LE(10, at);
    file.writeUInt16LE(1, at + 2);
    return { section: "optional header SubsystemVersion", offset: at, value: "10.1" };
  }),
  ...[
    { name: "DYNAMIC_BASE", bit: 0x40, triple: x64 },
    { name: "NX_COMPAT", bit: 0x100, triple: x86 },
    { name: "HIGH_ENTROPY_VA", bit: 0x20, triple: x64 },
  ].map(({ name, bit, triple }) =>
    pe("pe-hardening", `${name} is not set`, triple, (file) => {
      const at = optionalHeader(file) + 70;
      const flags = file.readUInt16LE(at) & ~bit;
      file.writeUInt16LE(flags, at);
      return {
        section: "optional header DllCharacteristics",
        offset: at,
        value: `0x${flags.toString(16)}: no ${name}`,
      };
    }),
  ),
  pe("pe-timestamp", "the time stamp is a time", x64, (file) => {
    file.writeUInt32LE(unknownEntry, debugEntry(file) + 12);
    file.writeUInt32LE(1_700_000_000, coffHeader(file) + 4);
    return {
      section: "COFF header TimeDateStamp",
      offset: coffHeader(file) + 4,
      value: "1700000000 (2023-11-14T22:13:20.000Z)",
    };
  }),
  pe("pe-debug-path", "the debug file is named with its folder", x64, (file) => {
    const path = "d:\\out\\fixture.pdb";
    // A CodeView record is its mark, GUID and age (24 bytes) and the path.
    file.write("RSDS", dosStub, "latin1");
    file.write(`${path}\0`, dosStub + 24, "latin1");
    const entry = debugEntry(file);
    file.writeUInt32LE(codeView, entry + 12);
    file.writeUInt32LE(24 + path.length + 1, entry + 16);
    file.writeUInt32LE(dosStub, entry + 24);
    file.writeUInt32LE(0, coffHeader(file) + 4);
    return { section: "debug directory CodeView", offset: dosStub + 24, value: path };
  }),
  pe("pe-relocations", "there are no base relocations", x64, (file) => {
    const at = coffHeader(file) + 18;
    file.writeUInt16LE(file.readUInt16LE(at) | 1, at);
    return { section: "COFF header Characteristics", offset: at, value: "relocations stripped" };
  }),
  pe("pe-relocations", "the table of base relocations is gone", x86, (file) => {
    clearDirectory(file, baseRelocations);
    const at = optionalHeader(file) + 70;
    const value = "DYNAMIC_BASE, and no base relocations";
    return { section: "optional header DllCharacteristics", offset: at, value };
  }),
  ...[x64, x86].map((triple) =>
    pe("pe-writable-code", "code can be written to", triple, (file) => {
      const at = sectionHeader(file, ".text");
      file.writeUInt8(file.readUInt8(at + 39) | 0x80, at + 39);
      return { section: "section header 0", offset: at, value: ".text: readable, writable, executable" };
    }),
  ),
  ...[x64, x86].map((triple) =>
    pe("debug-information", "the debug sections were left in", triple, (file) => {
      const at = sectionHeader(file, ".buildid");
      file.write(".debug_x", at, "latin1");
      return { section: "section header 2", offset: at, value: ".debug_x, 1 sections in all" };
    }),
  ),
  ...[x64, x86].map((triple) =>
    pe("credentials", "a text is a registry's token", triple, (file) => {
      file.fill(0, dosStub, dosStub + 44);
      // In parts, so that no scanner takes this file for a leak.
      file.write(["npm", "_", "a".repeat(36), "\0"].join(""), dosStub + 2, "latin1");
      return { section: "content", offset: dosStub + 2, value: "npm token npm_aaaa…" };
    }),
  ),
  pe("build-paths", "a text names a user's folder", x64, (file) => {
    const at = replaceText(file, "good day\0", "C:\\Users\\");
    return { section: "content", offset: at, value: "C:\\Users\\" };
  }),
  pe("build-paths", "a wide text names a home folder", x86, (file) => {
    file.fill(0, dosStub, dosStub + 32);
    file.write("/root/x", dosStub + 2, "utf16le");
    return { section: "content", offset: dosStub + 2, value: "/root/x" };
  }),
  pe("build-paths", "a text names the project's folder", x64, (file) => {
    file.fill(0, dosStub, dosStub + 32);
    file.write("/srv/build/project/a.c", dosStub + 2, "latin1");
    return { section: "content", offset: dosStub + 2, value: "/srv/build/project/a.c" };
  }),
];
