// Mutations of Windows libraries that were not built here: DLLs, archives of objects, import libraries.
import { memberContent, memberHeader, thinned } from "./archive-writer.ts";
import { examined, type ExaminedMutation } from "./examined-mutation.ts";
import { replaceText } from "./mutation.ts";
import {
  clearDirectory,
  coffHeader,
  coffSymbol,
  codeViewPath,
  dosStub,
  exportNameAt,
  forgetReproducibility,
  optionalHeader,
  sectionHeader,
  sectionHeaderIndex,
  writeTlsCallbacks,
} from "./pe-writer.ts";

const jna = { corpus: "jna", member: "com/sun/jna/win32-x86-64/jnidispatch.dll" };
const jna32 = { corpus: "jna", member: "com/sun/jna/win32-x86/jnidispatch.dll" };
const rollup = { corpus: "rollup-win32-x64-gnu", member: "package/rollup.win32-x64-gnu.node" };
const rollupMsvc = { corpus: "rollup-win32-x64-msvc", member: "package/rollup.win32-x64-msvc.node" };
const cffi = { corpus: "cffi-win-arm64", member: "_cffi_backend.cp311-win_arm64.pyd" };
const numpyArchive = { corpus: "numpy-win-amd64", member: "numpy/_core/lib/npymath.lib" };
const numpyImport = { corpus: "numpy-win-amd64", member: "numpy/random/_common.cp311-win_amd64.lib" };
const numpyModule = "numpy/random/_common.cp311-win_amd64.pyd";
const runtime = {
  corpus: "numpy-win-amd64",
  member: "numpy.libs/msvcp140-a4c2229bdc2a2a630acdc095b4d86008.dll",
};

const baseRelocations = 5;

const images: readonly ExaminedMutation[] = [
  examined(
    "file-target",
    "the processor is another",
    jna,
    (file) => {
      file.writeUInt16LE(0xaa64, coffHeader(file));
      const value = "aarch64, 64 bits; expected x86_64";
      return { section: "COFF header Machine", offset: coffHeader(file), value };
    },
    { policy: { cpu: "x86_64", bits: 64 } },
  ),
  examined(
    "exports",
    "an addon has lost its entry",
    rollup,
    (file) => {
      replaceText(file, "\0napi_register_module_v1\0", "\0napi_register_module_v9\0");
      return {
        section: "export directory Name",
        offset: exportNameAt(file),
        value: "missing: napi_register_module_v1",
      };
    },
    { policy: { functions: [], severities: { "pe-export-decoration": "off" } } },
  ),
  ...[jna, jna32].map((origin) =>
    examined("pe-imports", "a DLL is needed that is not everywhere", origin, (file) => ({
      section: "import directory",
      offset: replaceText(file, "PSAPI.DLL", "PSAPX.DLL"),
      value: "PSAPX.DLL",
    })),
  ),
  examined(
    "pe-export-name",
    "the export table names another DLL",
    runtime,
    (file) => {
      const at = exportNameAt(file);
      file.write("MSVCP141.dll", at, "latin1");
      return { section: "export directory Name", offset: at, value: "MSVCP141.dll" };
    },
    { fileName: "MSVCP140.dll" },
  ),
  ...[jna, cffi].map((origin) =>
    examined("pe-minimum-os", "a newer Windows is needed", origin, (file) => {
      const at = optionalHeader(file) + 48;
      file.writeUInt16LE(10, at);
      file.writeUInt16LE(1, at + 2);
      return { section: "optional header SubsystemVersion", offset: at, value: "10.1" };
    }),
  ),
  ...[
    { name: "DYNAMIC_BASE", bit: 0x40, origin: jna },
    { name: "NX_COMPAT", bit: 0x100, origin: jna32 },
    { name: "HIGH_ENTROPY_VA", bit: 0x20, origin: cffi },
  ].map(({ name, bit, origin }) =>
    examined("pe-hardening", `${name} is not set`, origin, (file) => {
      const at = optionalHeader(file) + 70;
      const flags = file.readUInt16LE(at) & ~bit;
      file.writeUInt16LE(flags, at);
      const value = `0x${flags.toString(16)}: no ${name}`;
      return { section: "optional header DllCharacteristics", offset: at, value };
    }),
  ),
  examined("pe-timestamp", "the time stamp is a time", runtime, (file) => {
    forgetReproducibility(file);
    const at = coffHeader(file) + 4;
    file.writeUInt32LE(1_700_000_000, at);
    const value = "1700000000 (2023-11-14T22:13:20.000Z)";
    return { section: "COFF header TimeDateStamp", offset: at, value };
  }),
  examined("pe-debug-path", "the debug file is named with its folder", rollupMsvc, (file) => {
    const at = codeViewPath(file);
    file.write("d:\\out\\a", at, "latin1");
    return { section: "debug directory CodeView", offset: at, value: "d:\\out\\a_napi.pdb" };
  }),
  examined("pe-relocations", "there are no base relocations", jna, (file) => {
    const at = coffHeader(file) + 18;
    file.writeUInt16LE(file.readUInt16LE(at) | 1, at);
    return { section: "COFF header Characteristics", offset: at, value: "relocations stripped" };
  }),
  examined("pe-relocations", "the table of base relocations is gone", jna32, (file) => {
    clearDirectory(file, baseRelocations);
    const at = optionalHeader(file) + 70;
    const value = "DYNAMIC_BASE, and no base relocations";
    return { section: "optional header DllCharacteristics", offset: at, value };
  }),
  ...[jna, cffi].map((origin) =>
    examined("pe-writable-code", "code can be written to", origin, (file) => {
      const at = sectionHeader(file, ".text");
      file.writeUInt8(file.readUInt8(at + 39) | 0x80, at + 39);
      return { section: "section header 0", offset: at, value: ".text: readable, writable, executable" };
    }),
  ),
  examined("pe-export-decoration", "a function carries the mark of stdcall", jna32, (file) => ({
    section: "export table",
    offset: replaceText(file, "\0_JNI_OnLoad@8\0", "\0_JNX_OnLoad@8\0") + 1,
    value: "_JNX_OnLoad@8",
  })),
  ...[jna, jna32].map((origin) =>
    examined("debug-information", "the debug sections were left in", origin, (file) => {
      const at = sectionHeader(file, ".data");
      const index = sectionHeaderIndex(file, at);
      file.write(".debug_x", at, "latin1");
      return { section: `section header ${index}`, offset: at, value: ".debug_x, 1 sections in all" };
    }),
  ),
  examined("build-paths", "a text names a user's folder", jna, (file) => {
    file.fill(0, dosStub, dosStub + 32);
    file.write("C:\\Users\\x", dosStub + 2, "latin1");
    return { section: "content", offset: dosStub + 2, value: "C:\\Users\\x" };
  }),
  examined("credentials", "a text is a registry's token", jna32, (file) => {
    file.fill(0, dosStub, dosStub + 44);
    // In two parts, so that no scanner takes this file for a leak.
    file.write(["npm", "_", "a".repeat(36), "\0"].join(""), dosStub + 2, "latin1");
    return { section: "content", offset: dosStub + 2, value: "npm token npm_aaaa…" };
  }),
  ...[rollup, rollupMsvc].map((origin) =>
    examined(
      "static-initializers",
      "five functions run at load",
      origin,
      (file) => {
        const at = writeTlsCallbacks(file, 5);
        return { section: "TLS directory", offset: at, value: "5 functions, at most 4 expected" };
      },
      { policy: { initializers: 4 } },
    ),
  ),
];

/** Two indexes come first, and the table of long names. */
const firstObject = 3;
const archives: readonly ExaminedMutation[] = [
  examined(
    "archive-members",
    "a member is of another processor",
    numpyArchive,
    (file) => {
      const offset = memberContent(file, firstObject);
      file.writeUInt16LE(0xaa64, offset);
      const value = "aarch64, 64 bits; expected x86_64";
      return { section: "COFF header Machine", offset, value };
    },
    { policy: { cpu: "x86_64", bits: 64 } },
  ),
  examined(
    "static-exports",
    "a function is not defined",
    numpyArchive,
    (file) => {
      const entry = coffSymbol(file, "npy_gcdull", memberContent(file, firstObject));
      file.writeUInt32LE(0, entry + 8);
      file.writeUInt16LE(0, entry + 12);
      return { section: "symbol tables of all members", offset: 0, value: "not defined: npy_gcdull" };
    },
    { policy: { functions: ["npy_gcdull"] } },
  ),
  examined(
    "archive-index",
    "a function is not in the index",
    numpyArchive,
    (file) => {
      // It stands in both indexes, which lie before the objects.
      for (
        let at = file.indexOf("npy_gcdull\0");
        at < memberContent(file, 2);
        at = file.indexOf("npy_gcdull\0", at)
      )
        file.write("npy_gcduxx", at, "latin1");
      return { section: "archive index", offset: 8, value: "not listed: npy_gcdull" };
    },
    { policy: { functions: ["npy_gcdull"] } },
  ),
  {
    gate: "archive-thin",
    breaks: "the members were left at home",
    origin: numpyArchive,
    apply: (file) => ({
      bytes: thinned(file),
      evidence: { section: "archive magic", offset: 0, value: "!<thin>" },
    }),
  },
  examined("static-foreign-symbols", "zlib is inside", numpyArchive, (file) => {
    const offset = coffSymbol(file, "npy_gcdull", memberContent(file, firstObject));
    for (let at = file.indexOf("npy_gcdull\0"); at >= 0; at = file.indexOf("npy_gcdull\0", at))
      file.write("inflate\0\0\0", at, "latin1");
    return { section: "symbol table", offset, value: "inflate of zlib" };
  }),
  examined("coff-directives", "an object asks for the debug runtime", numpyArchive, (file) => {
    const start = memberContent(file, firstObject);
    file.write('"MSVCRTD" ', file.indexOf('"OLDNAMES"', start), "latin1");
    const header = file.indexOf(".drectve", start);
    const offset = start + file.readUInt32LE(header + 20);
    return { section: ".drectve", offset, value: '/DEFAULTLIB:"MSVCRTD"' };
  }),
  examined("archive-metadata", "a member has its time", numpyImport, (file) => {
    const header = memberHeader(file, firstObject);
    file.write("1700000000", header + 16, "latin1");
    const value = "modified 1700000000, owner 0, group 0";
    return { section: "member header", offset: header, value };
  }),
  examined(
    "import-library-dll",
    "the imports are of another DLL",
    numpyImport,
    (file) => {
      const name = "_common.cp311-win_amd64.pyd";
      const at = file.lastIndexOf(name);
      file.write("_commxn", at, "latin1");
      return { section: "import object DLL name", offset: at, value: "_commxn.cp311-win_amd64.pyd" };
    },
    { beside: [numpyModule] },
  ),
  examined(
    "import-library-symbols",
    "an import has another name",
    numpyImport,
    (file) => {
      const at = file.lastIndexOf("PyInit__common\0");
      file.write("PyXnit__common", at, "latin1");
      return { section: "import objects", offset: 0, value: "missing: PyInit__common" };
    },
    { beside: [numpyModule], policy: { functions: ["PyInit__common"] } },
  ),
  {
    gate: "import-library-missing",
    breaks: "the import library was not collected",
    origin: numpyImport,
    beside: [runtime.member],
    policy: { strict: true },
    blames: runtime.member.slice(runtime.member.indexOf("/") + 1),
    apply: () => ({
      bytes: undefined,
      evidence: { section: "artifact", offset: 0, value: "no import library" },
    }),
  },
];

export const foreignPeMutations: readonly ExaminedMutation[] = [...images, ...archives];
