// Mutations of static and import libraries, one property each.
import { memberContent, memberHeader, withMember } from "./archive-writer.ts";
import { symbolPlace } from "./elf-writer.ts";
import { symbolAt } from "./macho-writer.ts";
import { placeOf, replaceText, type Mutated, type Mutation } from "./mutation.ts";
import { coffSymbol } from "./pe-writer.ts";

const glibc = "x86_64-unknown-linux-gnu";
const arm = "armv7-unknown-linux-gnueabihf";
const windows = "x86_64-pc-windows-gnullvm";
const windows32 = "i686-pc-windows-gnullvm";
const apple = "aarch64-apple-darwin";
const ios = "aarch64-apple-ios";

/** Members before the first object: the index and, where the flavour has it, the table of long names. */
const firstObject = 1;
const symbolTables = "symbol tables of all members";

function archive(
  gate: string,
  breaks: string,
  triple: string,
  apply: (file: Buffer) => Mutated,
  file = "libfixture.a",
): Mutation {
  return { gate, breaks, triple, file, apply };
}

const memberMutations: readonly Mutation[] = [
  archive("archive-members", "a member is of another processor", arm, (bytes) => {
    const offset = memberContent(bytes, firstObject) + 18;
    bytes.writeUInt16LE(62, offset);
    const value = "x86_64, 32 bits; expected armv7";
    return { bytes, evidence: { section: "ELF header e_machine", offset, value } };
  }),
  archive("archive-members", "a COFF member is of another processor", windows, (bytes) => {
    const offset = memberContent(bytes, firstObject);
    bytes.writeUInt16LE(0xaa64, offset);
    const value = "aarch64, 64 bits; expected x86_64";
    return { bytes, evidence: { section: "COFF header Machine", offset, value } };
  }),
  archive("archive-members", "a member is no object", glibc, (file) => {
    const { bytes, contentAt } = withMember(
      file,
      "notes.txt",
      Buffer.from("nothing to link here, move along"),
    );
    return { bytes, evidence: { section: "member", offset: contentAt, value: "is no object file" } };
  }),
  archive("file-target", "a static library is no archive", glibc, (file) => {
    const bytes = file.subarray(memberContent(file, firstObject));
    return { bytes, evidence: { section: "file", offset: 0, value: "elf, where static was expected" } };
  }),
];

const symbolMutations: readonly Mutation[] = [
  archive("static-exports", "a function is not defined", glibc, (bytes) => {
    const start = memberContent(bytes, firstObject);
    bytes.writeUInt16LE(0, symbolPlace(bytes, "fixture_copy", start).sectionAt);
    return { bytes, evidence: { section: symbolTables, offset: 0, value: "not defined: fixture_copy" } };
  }),
  archive("static-exports", "a function of a COFF object is not defined", windows32, (bytes) => {
    const entry = coffSymbol(bytes, "_fixture_copy", memberContent(bytes, firstObject));
    bytes.writeUInt32LE(0, entry + 8);
    bytes.writeUInt16LE(0, entry + 12);
    return { bytes, evidence: { section: symbolTables, offset: 0, value: "not defined: fixture_copy" } };
  }),
  archive("static-exports", "a function of a Mach-O object is private", ios, (bytes) => {
    const entry = symbolAt(bytes, "_fixture_copy", memberContent(bytes, firstObject));
    bytes.writeUInt8(bytes.readUInt8(entry + 4) | 0x10, entry + 4);
    return { bytes, evidence: { section: symbolTables, offset: 0, value: "not defined: fixture_copy" } };
  }),
  ...[glibc, windows32, apple].map((triple) =>
    archive("archive-index", "a function is not in the index", triple, (bytes) => {
      bytes.write("fixture_cppy", bytes.indexOf("fixture_copy"), "latin1");
      return { bytes, evidence: { section: "archive index", offset: 8, value: "not listed: fixture_copy" } };
    }),
  ),
];

/** An import library has two indexes and three objects before the first import. */
const firstImport = 5;

const importMutations: readonly Mutation[] = [
  {
    gate: "import-library-missing",
    breaks: "the import library was not collected",
    triple: windows,
    file: "libfixture.dll.a",
    blames: "fixture.dll",
    apply: () => ({
      bytes: undefined,
      evidence: { section: "artifact", offset: 0, value: "no import library" },
    }),
  },
  archive(
    "import-library-dll",
    "an import is of another DLL",
    windows,
    (bytes) => {
      const member = memberContent(bytes, firstImport);
      const at = bytes.indexOf("fixture.dll", member);
      bytes.write("fixtvre.dll", at, "latin1");
      return { bytes, evidence: { section: "import object DLL name", offset: at, value: "fixtvre.dll" } };
    },
    "libfixture.dll.a",
  ),
  archive(
    "import-library-symbols",
    "an import has another name",
    windows32,
    (bytes) => {
      const member = memberContent(bytes, firstImport);
      const at = bytes.indexOf("_fixture_", member);
      const missing = bytes.toString("latin1", at + 1, bytes.indexOf(0, at));
      bytes.write("_fixtvre_", at, "latin1");
      return { bytes, evidence: { section: "import objects", offset: 0, value: `missing: ${missing}` } };
    },
    "libfixture.dll.a",
  ),
];

export const archiveMutations: readonly Mutation[] = [
  ...memberMutations,
  ...symbolMutations,
  ...importMutations,
  ...[glibc, windows, apple].map((triple) =>
    archive("archive-metadata", "a member has its time", triple, (bytes) => {
      const header = memberHeader(bytes, firstObject);
      const modified = header + 16;
      bytes.write("1700000000", modified, "latin1");
      const value = "modified 1700000000, owner 0, group 0";
      return { bytes, evidence: { section: "member header", offset: header, value } };
    }),
  ),
  archive("elf-arm-float", "a member passes floats in integer registers", arm, (bytes) => {
    const offset = memberContent(bytes, firstObject) + 36;
    bytes.writeUInt32LE(0x5000200, offset);
    return { bytes, evidence: { section: "ELF header e_flags", offset, value: "0x5000200" } };
  }),
  archive("build-paths", "a member names the cargo registry", glibc, (file) => {
    placeOf(file, "good day");
    const content = Buffer.from(file.subarray(memberContent(file, firstObject)));
    const offset = replaceText(content, "good day", "/root/.c");
    const { bytes, contentAt } = withMember(file, "second.o", content);
    return { bytes, evidence: { section: "content", offset: contentAt + offset, value: "/root/.c" } };
  }),
];
