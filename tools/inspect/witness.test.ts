// The readers agree with readelf and LLVM's tools on the fixtures, on what npm brought, and on what was built here.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArchiveFacts } from "./archive-facts.ts";
import type { ElfFacts } from "./elf-facts.ts";
import type { ObjectFacts, Symbol } from "./facts.ts";
import type { MachOFacts } from "./macho-facts.ts";
import type { PeFacts } from "./pe-facts.ts";
import { inspectArtifact } from "./inspect.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const libraryName = /\.(so|a|dll|dylib|node|lib)$/;
const folder = mkdtempSync(join(tmpdir(), "witness-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readelf = tool("readelf");
const nm = tool("llvm-nm", "llvm-nm-22");
const readobj = tool("llvm-readobj", "llvm-readobj-22");
const objdump = tool("llvm-objdump", "llvm-objdump-22");

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

const present = [
  ...librariesBelow(join(root, "tools/inspect/fixtures")),
  ...librariesBelow(join(root, "node_modules/@koromix")),
  ...librariesBelow(join(root, "node_modules/@yuuang")),
  ...librariesBelow(join(root, "artifacts")).filter((path) => !relative(root, path).includes("/.")),
];
const corpus = process.platform === "linux" ? [...present, ...rustLibraries] : present;
const isElfName = /linux|android|koffi|libhost/;
const elfFiles = corpus.filter((path) => isElfName.test(path) && !path.endsWith(".a"));
const archives = corpus.filter((path) => path.endsWith(".a") && !path.endsWith(".dll.a"));
const peFiles = corpus.filter((path) => /windows/.test(path) && /\.(dll|node)$/.test(path));
const importLibraries = corpus.filter((path) => path.endsWith(".dll.a"));
const machOFiles = corpus.filter((path) => /apple/.test(path) && /\.(dylib|node)$/.test(path));

describe.skipIf(readelf === undefined)("readelf (apt-get install binutils) agrees", () => {
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
    expect(elfSymbols(facts.symbols)).toEqual(elfSymbolsIn(run(readelf, ["--dyn-syms", "-W", path])));
    expect(
      facts.versionNeeds.flatMap(({ file, versions }) => versions.map(({ value }) => `${file} ${value}`)),
    ).toEqual(versionsIn(run(readelf, ["-VW", path])));
  });
});

const llvm = nm !== undefined && readobj !== undefined && objdump !== undefined;

describe.skipIf(!llvm)("LLVM's tools (apt-get install llvm) agree", () => {
  test.each(named(archives))("on the members and symbols of %s", async (_name, path) => {
    const facts = await contentOf<ArchiveFacts>(path, "archive");
    const text = run(nm, nmArguments(path));
    const ours = facts.members.map(({ name, object }) => ({ name, symbols: plainSymbols(object) }));
    expect(ours.map(({ name }) => name)).toEqual(memberNamesIn(text));
    expect(ours.flatMap(({ symbols }) => symbols)).toEqual(symbolsByMember(text, underscored(path)).flat());
    expect([...facts.index].sort()).toEqual(indexIn(run(nm, ["--print-armap", ...nmArguments(path)])));
  });

  test.each(named(importLibraries))("on the imports of %s", async (_name, path) => {
    const facts = await contentOf<ArchiveFacts>(path, "archive");
    const text = run(readobj, ["--file-headers", path]);
    const imports = facts.members.flatMap(({ object }) => (object?.format === "coff-import" ? [object] : []));
    const theirs = [...text.matchAll(/^Symbol: (?!__imp_)(\S+)$/gm)].map(([, name]) => name);
    const prefix = underscored(path) ? "_" : "";
    expect(imports.map(({ symbol }) => `${prefix}${symbol.value}`)).toEqual(theirs);
  });

  test.each(named(peFiles))("on %s", async (_name, path) => {
    const facts = await contentOf<PeFacts>(path, "pe");
    const text = run(readobj, ["--file-headers", "--coff-exports", "--coff-imports", path]);
    expect(facts.exports.map(({ value }) => value)).toEqual(
      [...text.matchAll(/^Export \{[^}]*?Name: (\S+)/gms)].map(([, name]) => name),
    );
    expect(facts.imports.map(({ library, names }) => [library.value, ...names])).toEqual(importsIn(text));
    expect(facts.minimumOsVersion.value).toBe(
      `${/MajorSubsystemVersion: (\d+)/.exec(text)?.[1]}.${/MinorSubsystemVersion: (\d+)/.exec(text)?.[1]}`,
    );
    expect(hexadecimal(facts.dllCharacteristics.value)).toBe(characteristicsIn(text));
    expect(hexadecimal(facts.timestamp.value)).toBe(/TimeDateStamp: .*\((0x[0-9A-F]+)\)/.exec(text)?.[1]);
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
});

function tool(...names: string[]): string | undefined {
  return names.find((name) => spawnSync(name, ["--version"]).status === 0);
}

function run(program: string | undefined, args: readonly string[]): string {
  if (program === undefined) throw new Error("a skipped test was run");
  const options = { encoding: "utf8", maxBuffer: 2 ** 28, timeout: 60_000, stdio: "pipe" } as const;
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
  return paths.map((path) => [path.startsWith(root) ? relative(root, path) : basename(path), path]);
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
function underscored(path: string): boolean {
  return /apple|i686-pc-windows/.test(path);
}

interface Dynamic {
  readonly needed: (string | undefined)[];
  readonly soname: string | undefined;
  readonly runpath: (string | undefined)[];
  readonly bindNow: boolean;
  readonly textRelocations: boolean;
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

function dynamicIn(text: string): Dynamic {
  const all = (tag: string): (string | undefined)[] =>
    [...text.matchAll(new RegExp(`\\(${tag}\\).*\\[(.*)\\]`, "g"))].map(([, value]) => value);
  return {
    needed: all("NEEDED"),
    soname: all("SONAME")[0],
    runpath: all("RUNPATH"),
    bindNow: /\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*\bNOW\b|\(BIND_NOW\)/.test(text),
    textRelocations: /TEXTREL/.test(text),
  };
}

function loadsIn(text: string): bigint[][] {
  const line = /^ +LOAD +(0x\w+) (0x\w+) 0x\w+ 0x\w+ 0x\w+ .{3} (0x\w+)/gm;
  return [...text.matchAll(line)].map((match) => match.slice(1).map(BigInt));
}

function stackIn(text: string): boolean | undefined {
  const flags = /^ +GNU_STACK +(?:0x\w+ ){5}(.{3})/m.exec(text)?.[1];
  return flags?.includes("E");
}

function elfSymbols(symbols: readonly Symbol[]): string[] {
  return symbols.map(({ name, defined, binding, version }) =>
    [binding, defined ? "defined" : "undefined", name, version ?? ""].join(" "),
  );
}

function elfSymbolsIn(text: string): string[] {
  const line = /^ +\d+: \w+ +\w+ (\w+) +(GLOBAL|WEAK|UNIQUE) +\S+ +(\S+) ([^@\s]+)(?:@@?(\S+))?/gm;
  return [...text.matchAll(line)]
    .filter(([, kind]) => kind !== "SECTION" && kind !== "FILE")
    .map(([, , binding, section, name, version]) =>
      [
        binding === "WEAK" ? "weak" : "global",
        section === "UND" ? "undefined" : "defined",
        name,
        version ?? "",
      ].join(" "),
    );
}

function versionsIn(text: string): string[] {
  const found: string[] = [];
  let file = "";
  for (const [, library, name] of text.matchAll(/File: (\S+)|^ +0x\w+: +Name: (\S+) +Flags/gm)) {
    if (library !== undefined) file = library;
    else if (name !== undefined) found.push(`${file} ${name}`);
  }
  return found;
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

/** The second name of each import in COFF, which only some versions of llvm-nm list. */
const importPointer = /^_?_imp_/;

/** "member:", in older versions "archive(member):" or "archive[member]:". */
const posixHeader = /^(?:.*[([])?([^\s()[\]]+?)[)\]]?:$/;

function memberNamesIn(text: string): (string | undefined)[] {
  return text.split("\n").flatMap((line) => (posixHeader.test(line) ? [posixHeader.exec(line)?.[1]] : []));
}

function symbolsByMember(text: string, prefixed: boolean): string[][] {
  const members: string[][] = [[]];
  for (const line of text.split("\n")) {
    if (posixHeader.test(line)) members.push([]);
    const symbol = /^(\S+) (\w) /.exec(line);
    if (symbol === null) continue;
    const [, name = "", kind = ""] = symbol;
    if (importPointer.test(name)) continue;
    const plain = prefixed && name.startsWith("_") ? name.slice(1) : name;
    members.at(-1)?.push(`${plain} ${!/[Uwv]/.test(kind)}`);
  }
  return members.map((symbols) => symbols.sort());
}

function indexIn(text: string): (string | undefined)[] {
  const map = text.slice(0, text.indexOf("\n\n"));
  return [...map.matchAll(/^(\S+) in /gm)].map(([, name]) => name).sort();
}

function importsIn(text: string): string[][] {
  return [...text.matchAll(/^Import \{\n([^}]*)\}/gm)].map(([, body = ""]) => [
    /Name: (\S+)/.exec(body)?.[1] ?? "",
    ...[...body.matchAll(/Symbol: (\S+) \(/g)].map(([, name = ""]) => name),
  ]);
}

function characteristicsIn(text: string): string | undefined {
  return [...text.matchAll(/Characteristics \[ \((0x\w+)\)/g)].at(-1)?.[1];
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}

function namesOf(headers: string, command: string): (string | undefined)[] {
  return [...headers.matchAll(new RegExp(`cmd ${command}\\s+cmdsize \\d+\\s+name (\\S+)`, "g"))].map(
    ([, name]) => name,
  );
}
