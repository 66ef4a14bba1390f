// What the readers say of whole files: every format, recognised by content, and hostile ones refused.
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { ArchiveFacts } from "./archive-facts.ts";
import { MalformedFile } from "./cursor.ts";
import type { ArtifactFacts } from "./facts.ts";
import { inspectArtifact, inspectBytes } from "./inspect.ts";

const folder = mkdtempSync(join(tmpdir(), "inspect-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const root = fileURLToPath(new URL("../../", import.meta.url));
const fixture = (path: string): string => join(root, "tools/inspect/fixtures", path);
const read = (path: string): Buffer => readFileSync(fixture(path));

describe("recognition", () => {
  test("goes by the content, not by the name", async () => {
    const disguised = join(folder, "notes.txt");
    copyFileSync(fixture("aarch64-apple-darwin/libfixture.dylib"), disguised);
    const { content } = await inspectArtifact(disguised);
    expect(content).toMatchObject({ format: "macho", cpu: "aarch64", type: { value: "dylib" } });
  });

  test("a text file is of no known format", () => {
    expect(() => inspectBytes("a.txt", Buffer.from("just some text, long enough to be looked at"))).toThrow(
      /a\.txt: is neither ELF/,
    );
  });

  test("an empty file is said to be empty", () => {
    expect(() => inspectBytes("empty", Buffer.alloc(0))).toThrow(/^empty: offset 0x0: the file is empty/);
  });

  test("a Java class file is no fat file, though it has the same magic number", () => {
    const javaClass = Buffer.from("cafebabe0000003d00100a0002000307000404", "hex");
    expect(() => inspectBytes("A.class", javaClass)).toThrow(/is neither ELF/);
  });
});

describe("facts", () => {
  test("of an ELF library name the place of each value", () => {
    const bytes = read("x86_64-unknown-linux-gnu/libfixture.so");
    const { content } = inspectBytes("lib.so", bytes);
    if (content.format !== "elf") throw new Error("not ELF");
    expect(content.dynamic?.soname).toMatchObject({ section: ".dynamic DT_SONAME", value: "libfixture.so" });
    expect(bytes.readBigUInt64LE(content.dynamic?.soname?.offset ?? 0)).toBe(14n);
    const version = content.versionNeeds[0]?.versions.find(({ value }) => value === "GLIBC_2.14");
    expect(version?.weak).toBe(false);
    expect(content.symbols.find(({ name }) => name === "memcpy")).toMatchObject({
      defined: false,
      version: "GLIBC_2.14",
    });
  });

  test("of a 32-bit big-endian ELF file are read in its byte order", () => {
    const bytes = Buffer.alloc(52);
    bytes.write("\x7fELF\x01\x02\x01", "latin1");
    bytes.writeUInt16BE(3, 16);
    bytes.writeUInt16BE(20, 18);
    bytes.writeUInt32BE(0x12345678, 36);
    expect(inspectBytes("lib.so", bytes).content).toMatchObject({
      cpu: "powerpc",
      bits: 32,
      littleEndian: false,
      type: { value: "shared" },
      flags: { value: 0x12345678, offset: 36 },
    });
  });

  test("of an ELF library without section headers are what the loader sees", () => {
    const bytes = read("x86_64-unknown-linux-gnu/libfixture.so");
    const whole = inspectBytes("lib.so", Buffer.from(bytes)).content;
    bytes.fill(0, 40, 48);
    bytes.fill(0, 58, 64);
    const stripped = inspectBytes("lib.so", bytes).content;
    if (whole.format !== "elf" || stripped.format !== "elf") throw new Error("not ELF");
    expect(stripped.sections).toEqual([]);
    expect(stripped.symbolTable.section).toBe("DT_SYMTAB");
    expect(stripped.symbols.length).toBeGreaterThan(3);
    for (const part of ["symbols", "versionNeeds", "relocations", "dynamic", "notes"] as const)
      expect(stripped[part]).toEqual(whole[part]);
  });

  test("of an ELF library whose section header hides its symbols are what the loader sees", () => {
    const bytes = read("x86_64-unknown-linux-gnu/libfixture.so");
    const whole = inspectBytes("lib.so", Buffer.from(bytes)).content;
    if (whole.format !== "elf") throw new Error("not ELF");
    const header = whole.sections.find(({ name }) => name === ".dynsym")?.offset ?? 0;
    // The header says another place and no symbols; the dynamic section still says the truth.
    bytes.writeBigUInt64LE(64n, header + 24);
    bytes.writeBigUInt64LE(24n, header + 32);
    const hidden = inspectBytes("lib.so", bytes).content;
    expect(hidden.format === "elf" && hidden.symbols).toEqual(whole.symbols);
  });

  test("of a DLL hold its imports by library, and say that its time stamp is a hash", () => {
    const { content } = inspectBytes("fixture.dll", read("x86_64-pc-windows-gnullvm/fixture.dll"));
    if (content.format !== "pe") throw new Error("not PE");
    expect(content.imports.find(({ library }) => /crt-heap/.test(library.value))?.names).toContain("malloc");
    expect(content).toMatchObject({ timestampIsHash: true, exportName: { value: "fixture.dll" } });
  });

  test("of a universal library hold one entry a slice, with offsets in the whole file", () => {
    const slices = ["x86_64-apple-darwin", "aarch64-apple-darwin"].map((triple) =>
      read(`${triple}/libfixture.dylib`),
    );
    const bytes = universal(slices);
    const { content } = inspectBytes("lib.dylib", bytes);
    if (content.format !== "fat") throw new Error("not fat");
    expect(
      content.slices.map(({ content: slice }) => (slice.format === "macho" ? slice.cpu : slice.format)),
    ).toEqual(["x86_64", "aarch64"]);
    const arm = content.slices[1]?.content;
    if (arm?.format !== "macho") throw new Error("not Mach-O");
    expect(bytes.toString("latin1", arm.installName?.offset).startsWith("@rpath/libfixture.dylib\0")).toBe(
      true,
    );
    expect(arm.signature).toMatchObject({ kind: "adhoc", badPages: [] });
  });

  test("of an object with more than 65279 sections use its wider header", () => {
    expect(inspectBytes("big.obj", bigObject("a_function_with_a_long_name")).content).toMatchObject({
      format: "coff",
      cpu: "x86_64",
      symbols: [{ name: "a_function_with_a_long_name", defined: true, binding: "global" }],
    });
  });
});

describe("archives", () => {
  const object = read("x86_64-unknown-linux-gnu/libfixture.a").subarray(8 + 60 + 40 + 60);

  test("may hold names longer than their field, in a table", () => {
    const name = "a-name-that-is-longer-than-its-field.o";
    const bytes = archive([
      ["//", Buffer.from(`${name}/\n`)],
      ["/0", object],
    ]);
    expect(archiveOf(bytes)).toMatchObject({
      flavour: "gnu",
      members: [{ name, object: { cpu: "x86_64" } }],
    });
  });

  test("may have an index of 64-bit offsets", () => {
    const index = Buffer.concat([Buffer.alloc(16), Buffer.from("first\0")]);
    index.writeBigUInt64BE(1n, 0);
    expect(archiveOf(archive([["/SYM64/", index]])).index).toEqual(["first"]);
  });

  test("that are thin name their members and have none of their content", () => {
    const header = memberHeader("/0", 1234);
    const bytes = Buffer.concat([
      Buffer.from("!<thin>\n"),
      memberHeader("//", 12),
      Buffer.from("dir/thin.o/\n"),
      header,
    ]);
    const facts = archiveOf(bytes);
    expect(facts).toMatchObject({ flavour: "thin", members: [{ name: "dir/thin.o", bytes: 1234 }] });
    expect(facts.members[0]?.object).toBeUndefined();
  });

  test("of Apple keep names before the content", () => {
    const facts = inspectBytes("lib.a", read("aarch64-apple-ios/libfixture.a")).content;
    expect(facts).toMatchObject({
      format: "archive",
      flavour: "bsd",
      index: ["_fixture_copy", "_fixture_greets"],
      members: [{ name: "fixture.o", object: { platform: { value: "ios" }, minimumOs: { value: "13.0" } } }],
    });
  });

  test("of Windows imports say which DLL each function comes from", () => {
    const facts = archiveOf(read("i686-pc-windows-gnullvm/libfixture.dll.a"));
    expect(facts.flavour).toBe("coff");
    const imports = facts.members.flatMap(({ object: member }) =>
      member?.format === "coff-import" ? [member] : [],
    );
    expect(imports.map(({ symbol, library }) => [symbol.value, library.value])).toEqual([
      ["fixture_copy", "fixture.dll"],
      ["fixture_greets", "fixture.dll"],
    ]);
  });
});

describe("hostile files", () => {
  test("the error names the file and the offset", () => {
    const cut = read("x86_64-unknown-linux-gnu/libfixture.so").subarray(0, 700);
    const error = errorOf(() => inspectBytes("cut.so", cut));
    expect(error).toBeInstanceOf(MalformedFile);
    expect(error).toMatchObject({ path: "cut.so", code: "malformed-file" });
    expect(error.message).toMatch(/^cut\.so: offset 0x[0-9a-f]+: section headers wants \d+ bytes/);
  });

  test("a count of four thousand million symbols is refused before anything is allocated", () => {
    const bytes = read("x86_64-pc-windows-gnullvm/libfixture.a").subarray(8 + 60 + 40 + 60);
    bytes.writeUInt32LE(0xffffffff, 12);
    const before = process.memoryUsage().heapUsed;
    expect(errorOf(() => inspectBytes("huge.o", bytes)).message).toMatch(/COFF string table wants/);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  });

  test("symbols that share one endless name cost linear time", () => {
    const bytes = overlappingNames(20_000);
    expect(errorOf(() => inspectBytes("overlap.o", bytes)).message).toMatch(/again and again/);
  });

  test("an export trie that runs in a circle is refused", () => {
    const bytes = read("aarch64-apple-darwin/libfixture.dylib");
    const { content } = inspectBytes("a", bytes);
    if (content.format !== "macho") throw new Error("not Mach-O");
    // A root without a value, one child under "x", which is the root again.
    Buffer.from("000178000000", "hex").copy(bytes, content.exportTrie.offset);
    expect(errorOf(() => inspectBytes("circle.dylib", bytes)).message).toMatch(/a node is reached twice/);
  });

  test("fat slices that overlap are refused", () => {
    const slice = read("x86_64-apple-darwin/libfixture.dylib");
    const bytes = universal([slice, slice]);
    bytes.writeUInt32BE(bytes.readUInt32BE(8 + 8), 8 + 20 + 8);
    expect(errorOf(() => inspectBytes("fat.dylib", bytes)).message).toMatch(/fat slices overlap/);
  });

  test("a load command that stands twice is refused", () => {
    const bytes = read("x86_64-apple-darwin/libfixture.dylib");
    const uuid = 0x1b;
    let at = 32;
    while (bytes.readUInt32LE(at) !== uuid) at += bytes.readUInt32LE(at + 4);
    bytes.writeUInt32LE(uuid, at + bytes.readUInt32LE(at + 4));
    expect(errorOf(() => inspectBytes("twice.dylib", bytes)).message).toMatch(
      /load command 0x1b stands twice/,
    );
  });
});

describe("the command", () => {
  function inspect(...args: string[]): SpawnSyncReturns<string> {
    const options = { cwd: root, encoding: "utf8", timeout: 300_000 } as const;
    return spawnSync(process.execPath, ["--import", "tsx", "tools/inspect.ts", ...args], options);
  }

  test("prints facts as JSON that can be read again", () => {
    const result = inspect(fixture("aarch64-linux-android/libfixture.so"), "--json");
    expect(result.status).toBe(0);
    const [facts] = JSON.parse(result.stdout) as ArtifactFacts[];
    expect(facts?.content).toMatchObject({
      format: "elf",
      androidApi: { value: 24 },
      relro: { address: "0x8590" },
    });
  });

  test("leaves with 2 when a file cannot be read, after the others were", () => {
    const broken = join(folder, "broken.so");
    writeFileSync(broken, read("x86_64-unknown-linux-gnu/libfixture.so").subarray(0, 100));
    const result = inspect(
      broken,
      join(folder, "missing.so"),
      fixture("x86_64-unknown-linux-gnu/libfixture.a"),
    );
    expect(result.status).toBe(2);
    expect(result.stdout).toMatch(/gnu archive, 1 members, 2 indexed symbols/);
    expect(result.stderr).toMatch(/broken\.so: offset 0x[0-9a-f]+: /);
    expect(result.stderr).toMatch(/missing\.so: cannot be read/);
  });

  test("leaves with 2 when no file is named", () => {
    expect(inspect().status).toBe(2);
  });
});

function errorOf(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}

function archiveOf(bytes: Buffer): ArchiveFacts {
  const { content } = inspectBytes("lib.a", bytes);
  if (content.format !== "archive") throw new Error("no archive");
  return content;
}

function memberHeader(name: string, bytes: number): Buffer {
  return Buffer.from(`${name.padEnd(16)}${"0".padEnd(32)}${String(bytes).padEnd(10)}\`\n`, "latin1");
}

function archive(members: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = members.flatMap(([name, content]) => [
    memberHeader(name, content.length),
    content,
    Buffer.alloc(content.length % 2, "\n"),
  ]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

/** A fat file with 32-bit offsets; slices begin on 16 KiB. */
function universal(slices: readonly Buffer[]): Buffer {
  const align = 0x4000;
  const header = Buffer.alloc(align);
  header.writeUInt32BE(0xcafebabe, 0);
  header.writeUInt32BE(slices.length, 4);
  const parts: Buffer[] = [header];
  let at = align;
  for (const [index, slice] of slices.entries()) {
    const entry = 8 + index * 20;
    header.writeUInt32BE(slice.readUInt32LE(4), entry);
    header.writeUInt32BE(slice.readUInt32LE(8), entry + 4);
    header.writeUInt32BE(at, entry + 8);
    header.writeUInt32BE(slice.length, entry + 12);
    const padded = Math.ceil(slice.length / align) * align;
    parts.push(slice, Buffer.alloc(padded - slice.length));
    at += padded;
  }
  return Buffer.concat(parts);
}

/** A COFF object with the header of the /bigobj kind, without sections and with one symbol. */
function bigObject(name: string): Buffer {
  const bytes = Buffer.alloc(56 + 20 + 4 + name.length + 1);
  bytes.writeUInt32LE(0xffff0000, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(0x8664, 6);
  bytes.writeUInt32LE(56, 48);
  bytes.writeUInt32LE(1, 52);
  bytes.writeUInt32LE(4, 56 + 4);
  bytes.writeInt32LE(1, 56 + 12);
  bytes.writeUInt8(2, 56 + 18);
  bytes.writeUInt32LE(4 + name.length + 1, 76);
  bytes.write(name, 80, "latin1");
  return bytes;
}

/** A COFF object whose symbols all have the same name, as long as the file. */
function overlappingNames(count: number): Buffer {
  const table = Buffer.alloc(20 + count * 18);
  table.writeUInt16LE(0x8664, 0);
  table.writeUInt32LE(20, 8);
  table.writeUInt32LE(count, 12);
  for (let index = 0; index < count; index += 1) {
    table.writeUInt32LE(4, 20 + index * 18 + 4);
    table.writeUInt8(2, 20 + index * 18 + 16);
  }
  return Buffer.concat([table, Buffer.from([0, 0, 0, 0]), Buffer.alloc(count * 18, "a"), Buffer.alloc(1)]);
}
