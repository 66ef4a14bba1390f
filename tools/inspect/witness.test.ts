// The readers agree with readelf and LLVM's tools on the fixtures, what was built here, and the corpus of foreign files.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openContainer } from "../container/open.ts";
import type { ArchiveFacts } from "./archive-facts.ts";
import { corpusFile, corpusPackages, fetchCommand, type CorpusPackage } from "./corpus-cache.ts";
import type { ElfFacts } from "./elf-facts.ts";
import type { ArtifactFacts, ObjectFacts, Symbol } from "./facts.ts";
import type { MachOFacts } from "./macho-facts.ts";
import type { PeFacts } from "./pe-facts.ts";
import type { WasmFacts } from "./wasm-facts.ts";
import {
  boundIn,
  chainedIn,
  characteristicsIn,
  dynamicIn,
  elfSymbolsIn,
  exportsIn,
  importPointer,
  importsIn,
  indexIn,
  loadsIn,
  memberNamesIn,
  namesOf,
  pdbIn,
  peSectionsIn,
  sectionsIn,
  stackIn,
  symbolsByMember,
  versionDefinitionsIn,
  versionsIn,
  type Dynamic,
} from "./witness-text.ts";
import { inspectArtifact } from "./inspect.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const libraryName = /\.(so|a|dll|dylib|node|lib)$/;
const foreignName = /(\.(so|a|dll|dylib|node|lib|pyd|jnilib|wasm)(\.\d+)*|\/bin\/esbuild)$/;
const folder = mkdtempSync(join(tmpdir(), "witness-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readelf = tool("readelf");
const llvmReadelf = tool("llvm-readelf-22", "llvm-readelf");
const nm = tool("llvm-nm-22", "llvm-nm");
const readobj = tool("llvm-readobj-22", "llvm-readobj");
const objdump = tool("llvm-objdump-22", "llvm-objdump");
const llvm = nm !== undefined && readobj !== undefined && objdump !== undefined;

/** Libraries made by rustc for this machine: they hold the whole standard library, a few thousand symbols. */
const rustLibraries = ["libhost.so", "libhost.a"].map((name) => join(folder, name));
beforeAll(() => {
  const source = join(folder, "host.rs");
  writeFileSync(
    source,
    '#[unsafe(no_mangle)]\npub extern "C" fn host() { println!("{:?}", std::env::args()); }\n',
  );
  for (const kind of ["cdylib", "staticlib"])
    execFileSync("rustc", ["--edition=2024", `--crate-type=${kind}`, "--out-dir", folder, source]);
});

const local = [
  ...librariesBelow(join(root, "tools/inspect/fixtures")),
  ...librariesBelow(join(root, "node_modules/@koromix")),
  ...librariesBelow(join(root, "node_modules/@yuuang")),
  ...librariesBelow(join(root, "artifacts")).filter((path) => !relative(root, path).includes("/.")),
];
const missing = corpusPackages.filter(({ id }) => corpusFile(id) === undefined);
if (process.env["FORBID_SKIPS"] === "1" && (missing.length > 0 || readelf === undefined || !llvm))
  throw new Error(`a witness or the corpus is missing: apt-get install binutils llvm; ${fetchCommand}`);
const foreign = (await Promise.all(corpusPackages.map(unpackLibraries))).flat();
const corpus = (await Promise.all([...local, ...foreign].map(classify))).flat();
const hostLibraries = process.platform === "linux" ? rustLibraries : [];
const elfFiles = [...ofFormat("elf"), ...hostLibraries.filter((path) => path.endsWith(".so"))];
const archives = [...ofFormat("objects"), ...hostLibraries.filter((path) => path.endsWith(".a"))];
const peFiles = ofFormat("pe");
const importLibraries = ofFormat("imports");
const machOFiles = ofFormat("macho");
const wasmFiles = ofFormat("wasm");

test("the corpus has every format", () => {
  for (const files of [elfFiles, archives, peFiles, machOFiles]) expect(files.length).toBeGreaterThan(3);
});

interface Classified {
  readonly path: string;
  readonly kind: "objects" | "imports" | ArtifactFacts["content"]["format"];
}

async function classify(path: string): Promise<Classified[]> {
  const { content } = await inspectArtifact(path);
  if (content.format !== "archive") return [{ path, kind: content.format }];
  const imports = content.members.some(
    ({ object }) => object?.format === "coff-import" || (object?.format === "coff" && object.importParts),
  );
  return [{ path, kind: imports ? "imports" : "objects" }];
}

function ofFormat(kind: Classified["kind"]): string[] {
  return corpus.filter((entry) => entry.kind === kind).map(({ path }) => path);
}

/** The libraries of a package, written under the package's own name; AIX has a format of its own. */
async function unpackLibraries({ id }: CorpusPackage): Promise<string[]> {
  const package_ = corpusFile(id);
  if (package_ === undefined) return [];
  const paths: string[] = [];
  for await (const entry of (await openContainer(package_)).entries()) {
    if (entry.type !== "member" || entry.kind !== "file") continue;
    if (!foreignName.test(entry.name) || entry.name.includes("/aix-")) continue;
    const path = join(folder, id, entry.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await entry.read());
    paths.push(path);
  }
  return paths;
}

describe.skipIf(readelf === undefined || llvmReadelf === undefined)(
  "readelf (apt-get install binutils llvm) agrees",
  () => {
    test.each(named(elfFiles))("on %s", async (_name, path) => {
      const facts = await contentOf<ElfFacts>(path, "elf");
      const text = run(readelf, ["-hldnW", path]);
      expect(dynamicOf(facts)).toEqual(dynamicIn(text));
      expect(facts.loads.map(({ fileOffset, address, align }) => [fileOffset, address, align])).toEqual(
        loadsIn(text),
      );
      expect(`0x${facts.flags.value.toString(16)}`).toBe(/Flags:\s+(0x[0-9a-f]+)/.exec(text)?.[1]);
      expect(facts.buildId).toBe(/Build ID: ([0-9a-f]+)/.exec(text)?.[1]);
      expect(facts.executableStack?.value).toBe(stackIn(text));
      expect(elfSymbols(facts.symbols)).toEqual(elfSymbolsIn(run(llvmReadelf, ["--dyn-syms", path])));
      expect(
        facts.versionNeeds.flatMap(({ file, versions }) => versions.map(({ value }) => `${file} ${value}`)),
      ).toEqual(versionsIn(run(readelf, ["-VW", path])));
    });

    test.each(named(elfFiles))("on the sections and relocations of %s", async (_name, path) => {
      const facts = await contentOf<ElfFacts>(path, "elf");
      const sections = run(llvmReadelf, ["--sections", "--wide", path]);
      expect(facts.sections.map(sectionLine)).toEqual(sectionsIn(sections));
      const relocations = run(llvmReadelf, ["--dyn-relocations", path]);
      const lines = [...relocations.matchAll(/^[0-9a-f]{8,16} +[0-9a-f]{8,16} /gm)].length;
      // The words of a packed table stand for many relocations each, which only the other reader counts.
      if (facts.dynamic?.packedRelocations === undefined && facts.relocations.androidBytes === undefined)
        expect(facts.relocations.total).toBe(lines);
      const definitions = facts.versionDefinitions.map(({ value }) => value);
      expect(definitions).toEqual(versionDefinitionsIn(run(readelf, ["-VW", path])));
    });

    test.each(named(elfFiles))("on the notes and attributes of %s", async (_name, path) => {
      const facts = await contentOf<ElfFacts>(path, "elf");
      const notes = run(readelf, ["-nW", path]);
      expect(facts.properties?.x86?.value.ibt === true).toBe(/x86 feature: IBT/.test(notes));
      expect(facts.properties?.aarch64?.value.bti === true).toBe(/AArch64 feature: BTI/.test(notes));
      const attributes = run(readelf, ["-AW", path]);
      expect(facts.armAttributes?.vfpArguments?.value === 1).toBe(
        /Tag_ABI_VFP_args: VFP registers/.test(attributes),
      );
      expect((facts.armAttributes?.simd?.value ?? 0) > 0).toBe(
        /Tag_Advanced_SIMD_arch: NEON/.test(attributes),
      );
      expect(facts.armAttributes?.cpuArchitecture?.value === 10).toBe(/Tag_CPU_arch: v7/.test(attributes));
      expect(facts.interpreter?.value).toBe(
        /program interpreter: (.*)\]/.exec(run(readelf, ["-lW", path]))?.[1],
      );
    });
  },
);

describe.skipIf(!llvm)("LLVM's tools (apt-get install llvm) agree", () => {
  test.each(named(archives))("on the members and symbols of %s", async (_name, path) => {
    const facts = await contentOf<ArchiveFacts>(path, "archive");
    const text = run(nm, nmArguments(path));
    const ours = facts.members.map(({ name, object }) => ({ name, symbols: plainSymbols(object) }));
    expect(ours.map(({ name }) => name)).toEqual(memberNamesIn(text));
    expect(ours.flatMap(({ symbols }) => symbols)).toEqual(symbolsByMember(text, underscored(facts)).flat());
    expect([...facts.index].sort()).toEqual(indexIn(run(nm, ["--print-armap", ...nmArguments(path)])));
  });

  test.each(named(importLibraries))("on the imports of %s", async (_name, path) => {
    const facts = await contentOf<ArchiveFacts>(path, "archive");
    const text = run(readobj, ["--file-headers", path]);
    const imports = facts.members.flatMap(({ object }) => (object?.format === "coff-import" ? [object] : []));
    const theirs = [...text.matchAll(/^Symbol: (?!__imp_)(\S+)$/gm)].map(([, name]) => name);
    const prefix = underscored(facts) ? "_" : "";
    expect(imports.map(({ symbol }) => `${prefix}${symbol.value}`)).toEqual(theirs);
  });

  test.each(named(peFiles))("on %s", async (_name, path) => {
    const facts = await contentOf<PeFacts>(path, "pe");
    const text = run(readobj, ["--file-headers", "--coff-exports", "--coff-imports", path]);
    expect(
      facts.exports.map(({ value, ordinal, forwarder }) => [value, ordinal, forwarder].join(" ")).sort(),
    ).toEqual(exportsIn(text));
    expect(facts.imports.map(({ library, names }) => [library.value, ...names])).toEqual(importsIn(text));
    expect(facts.minimumOsVersion.value).toBe(
      `${/MajorSubsystemVersion: (\d+)/.exec(text)?.[1]}.${/MinorSubsystemVersion: (\d+)/.exec(text)?.[1]}`,
    );
    expect(hexadecimal(facts.dllCharacteristics.value)).toBe(characteristicsIn(text));
    expect(hexadecimal(facts.timestamp.value)).toBe(/TimeDateStamp: .*\((0x[0-9A-F]+)\)/.exec(text)?.[1]);
  });

  test.each(named(peFiles))("on what Windows does with %s", async (_name, path) => {
    const facts = await contentOf<PeFacts>(path, "pe");
    const text = run(readobj, ["--coff-load-config", "--coff-tls-directory", "--coff-debug-directory", path]);
    const basic = run(readobj, ["--file-headers", "--sections", path]);
    const field = (name: string, of = text): string | undefined =>
      new RegExp(`^ *${name}: (\\S+)`, "m").exec(of)?.[1];
    expect(
      facts.sections.map(({ name, address, fileBytes, flags }) => [name, address, fileBytes, flags]),
    ).toEqual(peSectionsIn(basic));
    // LLVM before 15 does not show it.
    const stored = field("CheckSum", basic);
    if (stored !== undefined) expect(hexadecimal(facts.checksum.value.stored)).toBe(stored);
    // A program that signs or patches writes the checksum; the readers compute the same.
    if (facts.checksum.value.stored !== 0)
      expect(facts.checksum.value.computed).toBe(facts.checksum.value.stored);
    expect(facts.debugId === undefined ? undefined : `{${facts.debugId.value.guid}}`).toBe(pdbIn(text));
    expect(facts.debugId?.value.age.toString()).toBe(field("PDBAge"));
    expect(facts.tls === undefined).toBe(!/^TLSDirectory \{\n(?! *\})/m.test(text));
    if (facts.loadConfig?.guardFlags !== undefined)
      expect(hexadecimal(facts.loadConfig.guardFlags.value)).toBe(
        /GuardFlags \[ \((0x\w+)\)/.exec(text)?.[1],
      );
    if (facts.loadConfig?.securityCookie !== undefined)
      expect(hexadecimal(facts.loadConfig.securityCookie.value)).toBe(field("SecurityCookie"));
    const relocations = run(readobj, ["--coff-basereloc", path]);
    const counted = [...relocations.matchAll(/^ *Type: (?!ABSOLUTE)\w+/gm)].length;
    expect(facts.baseRelocations?.value ?? 0).toBe(counted);
  });

  test.each(named(machOFiles))("on %s", async (_name, path) => {
    const facts = await contentOf<MachOFacts>(path, "macho");
    const headers = run(objdump, ["--macho", "--private-headers", path]);
    const trie = run(objdump, ["--macho", "--exports-trie", path]);
    expect(facts.exports.map(({ value }) => `_${value}`)).toEqual(
      [...trie.matchAll(/^0x[0-9A-F]+\s+(\S+)/gm)].map(([, name]) => name).sort(),
    );
    expect(facts.dependencies.map(({ value }) => value)).toEqual(namesOf(headers, "LC_LOAD_DYLIB"));
    expect([facts.installName?.value].filter((name) => name !== undefined)).toEqual(
      namesOf(headers, "LC_ID_DYLIB"),
    );
    expect(facts.uuid?.toUpperCase()).toBe(/uuid (\S+)/.exec(headers)?.[1]?.replaceAll("-", ""));
    expect(facts.minimumOs?.value).toBe(
      /(?:minos|LC_VERSION_MIN\S+\s+cmdsize 16\s+version) (\S+)/.exec(headers)?.[1],
    );
    expect(plainSymbols(facts)).toEqual(symbolsByMember(run(nm, nmArguments(path)), true).flat());
  });

  test.each(named(machOFiles))("on what dyld does with %s", async (_name, path) => {
    const facts = await contentOf<MachOFacts>(path, "macho");
    const headers = run(objdump, ["--macho", "--private-headers", path]);
    expect(
      facts.segments.map(({ name, maximumProtection, initialProtection }) =>
        [name, protection(maximumProtection), protection(initialProtection)].join(" "),
      ),
    ).toEqual(
      [...headers.matchAll(/cmd LC_SEGMENT.*?segname (\S*).*?maxprot (\S+)\s+initprot (\S+)/gs)].map(
        (match) => match.slice(1).join(" "),
      ),
    );
    const sections = facts.segments.flatMap((segment) => segment.sections);
    expect(sections.map(({ segment, name }) => `${segment},${name}`)).toEqual(
      [...headers.matchAll(/^ {2}sectname (\S+)\n +segname (\S+)/gm)].map(
        ([, name, segment]) => `${segment},${name}`,
      ),
    );
    if (facts.fixups.kind === "dyld-info")
      expect(new Set(facts.fixups.bindings.map(({ symbol }) => symbol))).toEqual(
        boundIn(run(objdump, ["--macho", "--bind", "--lazy-bind", "--weak-bind", path])),
      );
    if (facts.fixups.kind === "chained")
      expect(new Set(facts.fixups.bindings.map(({ symbol }) => symbol))).toEqual(
        chainedIn(run(objdump, ["--macho", "--chained-fixups", path])),
      );
    expect(facts.signature.kind === "none" || facts.signature.badPages.length === 0).toBe(true);
  });
});

describe.skipIf(wasmFiles.length === 0)(`V8 agrees (${fetchCommand})`, () => {
  test.each(named(wasmFiles))("on the imports and exports of %s", async (_name, path) => {
    const facts = await contentOf<WasmFacts>(path, "wasm");
    const { Module } = webAssembly;
    const module = new Module(readFileSync(path));
    expect(facts.imports.map(({ module: from, name, kind }) => ({ module: from, name, kind }))).toEqual(
      Module.imports(module),
    );
    expect(facts.exports.map(({ value: name, kind }) => ({ name, kind }))).toEqual(Module.exports(module));
  });
});

/** Node has it; its types are in the library for browsers. */
interface WebAssemblyModule {
  new (bytes: Uint8Array): object;
  imports(module: object): unknown[];
  exports(module: object): unknown[];
}
const webAssembly = (globalThis as unknown as { WebAssembly: { Module: WebAssemblyModule } }).WebAssembly;

function protection(bits: number): string {
  return ["r", "w", "x"].map((letter, bit) => ((bits & (1 << bit)) === 0 ? "-" : letter)).join("");
}

function tool(...names: string[]): string | undefined {
  return names.find((name) => spawnSync(name, ["--version"]).status === 0);
}

function run(program: string | undefined, args: readonly string[]): string {
  if (program === undefined) throw new Error("a skipped test was run");
  const options = { encoding: "utf8", maxBuffer: 2 ** 28, timeout: 300_000, stdio: "pipe" } as const;
  return execFileSync(program, args, { ...options, env: { ...process.env, LC_ALL: "C" } });
}

function librariesBelow(start: string): string[] {
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, encoding: "utf8" })
    .filter((path) => libraryName.test(path))
    .map((path) => join(start, path))
    .sort();
}

function named(paths: readonly string[]): [string, string][] {
  return paths.map((path) => [relative(path.startsWith(folder) ? folder : root, path), path]);
}

async function contentOf<T extends { readonly format: string }>(
  path: string,
  format: T["format"],
): Promise<T> {
  const { content } = await inspectArtifact(path);
  expect(content.format).toBe(format);
  return content as unknown as T;
}

/** Some of the standard library's objects carry bitcode beside their code, whose symbols are not the object's. */
function nmArguments(path: string): string[] {
  return ["-g", "--format=posix", "--no-llvm-bc", path];
}

/** x86 COFF and Mach-O names have an underscore in the file that our facts leave out. */
function underscored({ members }: ArchiveFacts): boolean {
  const first = members.find(({ object }) => object !== undefined)?.object;
  if (first?.format === "macho") return true;
  return (first?.format === "coff" || first?.format === "coff-import") && first.cpu === "i686";
}

function dynamicOf({ dynamic }: ElfFacts): Dynamic {
  return {
    needed: (dynamic?.needed ?? []).map(({ value }) => value),
    soname: dynamic?.soname?.value,
    runpath: (dynamic?.runpath ?? []).map(({ value }) => value),
    bindNow: dynamic?.bindNow !== undefined,
    textRelocations: dynamic?.textRelocations !== undefined,
  };
}

function elfSymbols(symbols: readonly Symbol[]): string[] {
  return symbols.map(({ name, defined, binding, version }) =>
    [binding, defined ? "defined" : "undefined", name, version ?? ""].join(" "),
  );
}

type ElfSection = ElfFacts["sections"][number];

function sectionLine({ name, address, fileOffset, bytes }: ElfSection): string {
  return [name, ...[address, fileOffset, bytes].map((value) => value.toString(16))].join(" ");
}

/** "name defined" in the order of the alphabet, object by object. */
function plainSymbols(object: ObjectFacts | undefined): string[] {
  if (object?.format === "coff-import") return [`${object.symbol.value} true`];
  if (object === undefined || !("symbols" in object)) return [];
  return object.symbols
    .filter(({ name }) => !importPointer.test(name))
    .map(({ name, defined }) => `${name} ${defined}`)
    .sort();
}

function hexadecimal(value: number | bigint): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
