// Mutations that need no list of functions: of the committed fixtures and of files made from them.
import { readFixture } from "./fixture-artifact.ts";
import { examined, type ExaminedMutation } from "./examined-mutation.ts";
import { memberContent, thinned } from "./archive-writer.ts";
import { dynamicEntry, symbolPlace } from "./elf-writer.ts";
import { commandAt, loadCommand, universal } from "./macho-writer.ts";
import { replaceText } from "./mutation.ts";
import { coffSymbol } from "./pe-writer.ts";
import { leb, section, withCustomSection, withImport } from "./wasm-writer.ts";

const dtVerneed = 0x6ffffffe;
const page = 0x4000;

/** Both slices of the fixture for macOS. */
const bothSlices = {
  name: "libfixture.dylib",
  make: () => universal(slice("aarch64-apple-darwin"), slice("x86_64-apple-darwin")),
};

function slice(triple: string): Buffer {
  const bytes = readFixture(triple).get("libfixture.dylib");
  if (bytes === undefined) throw new Error(`no fixture for ${triple}`);
  return bytes;
}

/** A module with one type and nothing else. */
const smallModule = {
  name: "small.wasm",
  make: () =>
    Buffer.concat([
      Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
      section(1, Buffer.concat([leb(1), Buffer.from([0x60, 0, 0])])),
    ]),
};

export const looseMutations: readonly ExaminedMutation[] = [
  {
    gate: "archive-members",
    breaks: "there are no members",
    origin: { fixture: "x86_64-unknown-linux-gnu/libfixture.a" },
    apply: () => ({
      bytes: Buffer.from("!<arch>\n"),
      evidence: { section: "file", offset: 0, value: "an archive without members" },
    }),
  },
  examined(
    "symbol-version-floor",
    "a newer libstdc++ is needed",
    { fixture: "x86_64-unknown-linux-gnu/libfixture.so" },
    (file) => {
      replaceText(file, "GLIBC_2.2.5", "GLIBCXX_3.9");
      // The section lies in the first segment, where addresses are offsets; 16 bytes are the entry of the library.
      const offset = Number(file.readBigUInt64LE(dynamicEntry(file, dtVerneed) + 8)) + 16;
      return { section: ".gnu.version_r", offset, value: "GLIBCXX_3.9" };
    },
    { policy: { elf: { versions: { GLIBCXX: "3.4.19" } } } },
  ),
  examined(
    "pe-export-decoration",
    "a function carries the mark of stdcall",
    { fixture: "i686-pc-windows-gnullvm/fixture.dll" },
    (file) => ({
      section: "export table",
      offset: replaceText(file, "\0fixture_copy\0", "\0fixture_cp@4\0") + 1,
      value: "fixture_cp@4",
    }),
  ),
  ...["x86_64", "i686"].map((cpu) =>
    examined(
      "coff-directives",
      `an object asks for the debug runtime (${cpu})`,
      { fixture: `${cpu}-pc-windows-gnullvm/libfixture.a` },
      (file) => withDirective(file, "/DEFAULTLIB:msvcrtd"),
    ),
  ),
  examined("fat-slices", "the slices have two install names", bothSlices, (file) => {
    const second = file.readUInt32BE(8 + 20 + 8);
    const at = file.indexOf("@rpath/libfixture.dylib", second);
    file.write("@rpath/libfixtvre.dylib", at, "latin1");
    return {
      section: "LC_ID_DYLIB",
      offset: commandAt(file, loadCommand.idDylib, second) + 24,
      value: "@rpath/libfixtvre.dylib",
    };
  }),
  examined("fat-slices", "a slice begins inside a page", bothSlices, (file) => {
    const start = file.readUInt32BE(8 + 8);
    file.copy(file, start - page / 8, start, start + file.readUInt32BE(8 + 12));
    file.writeUInt32BE(start - page / 8, 8 + 8);
    return { section: "fat header", offset: start - page / 8, value: "begins inside a page of 16384 bytes" };
  }),
  ...["x86_64-unknown-linux-gnu", "i686-pc-windows-gnullvm"].map((triple): ExaminedMutation => ({
    gate: "archive-thin",
    breaks: "the members were left at home",
    origin: { fixture: `${triple}/libfixture.a` },
    apply: (file) => ({
      bytes: thinned(file),
      evidence: { section: "archive magic", offset: 0, value: "!<thin>" },
    }),
  })),
  examined(
    "static-foreign-symbols",
    "zlib is inside",
    { fixture: "x86_64-unknown-linux-gnu/libfixture.a" },
    (file) => {
      const { at: offset } = symbolPlace(file, "fixture_copy", memberContent(file, 1));
      for (let at = file.indexOf("fixture_copy\0"); at >= 0; at = file.indexOf("fixture_copy\0", at))
        file.write("inflate\0".padEnd(13, "\0"), at, "latin1");
      return { section: "symbol table", offset, value: "inflate of zlib" };
    },
  ),
  examined(
    "static-foreign-symbols",
    "zlib is inside a COFF object",
    { fixture: "x86_64-pc-windows-gnullvm/libfixture.a" },
    (file) => {
      const entry = coffSymbol(file, "fixture_copy", memberContent(file, 1));
      for (let at = file.indexOf("fixture_copy\0"); at >= 0; at = file.indexOf("fixture_copy\0", at))
        file.write("inflate\0".padEnd(13, "\0"), at, "latin1");
      return { section: "symbol table", offset: entry, value: "inflate of zlib" };
    },
  ),
  ...[smallModule, { corpus: "source-map", member: "package/lib/mappings.wasm" }].flatMap(
    (origin): ExaminedMutation[] => [
      {
        gate: "wasm-imports",
        breaks: "malloc is asked of the host",
        origin,
        fileName: "module.wasm",
        apply: (file) => {
          const { bytes, at } = withImport(file, "env", "malloc");
          return { bytes, evidence: { section: "import section", offset: at, value: "env.malloc" } };
        },
      },
      {
        gate: "wasm-relocatable",
        breaks: "the linker has not seen it",
        origin,
        fileName: "module.wasm",
        apply: (file) => {
          const { bytes, at } = withCustomSection(file, "linking");
          return {
            bytes,
            evidence: { section: "custom section linking", offset: at, value: "a linking section" },
          };
        },
      },
    ],
  ),
];

/** Turns the code of the COFF object in an archive, which no reader of tables needs, into the linker's directives. */
function withDirective(file: Buffer, directive: string): { section: string; offset: number; value: string } {
  const start = memberContent(file, 1);
  const header = file.indexOf(".text\0\0\0", start);
  file.write(".drectve", header, "latin1");
  const [bytes, place] = [file.readUInt32LE(header + 16), start + file.readUInt32LE(header + 20)];
  file.fill(" ", place, place + bytes);
  file.write(directive, place, "latin1");
  return { section: ".drectve", offset: place, value: directive };
}
