// Damaged files are refused with a typed error, in time and memory that follow the size of the file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { corpusLibrary } from "../container/corpus-library.ts";
import { corpusFile, fetchCommand } from "./corpus-cache.ts";
import { damaged, generator } from "./damage.ts";
import { fieldDamages, fieldsOf } from "./field-damage.ts";
import { misbehaviour } from "./survival.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));
const files = readdirSync(fixtures, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(so|a|dll|dylib|node)$/.test(path))
  .map((path) => join(fixtures, path))
  .sort();
const named = files.map((path): [string, string] => [relative(fixtures, path), path]);
const folder = mkdtempSync(join(tmpdir(), "fuzz-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const roundsPerFile = 200;

describe("a damaged file", () => {
  test.each(named)("of %s is read or refused", (_name, path) => {
    const original = readFileSync(path);
    const random = generator(original.length);
    for (let round = 0; round < roundsPerFile; round += 1)
      expect(misbehaviour(damaged(original, random))).toBeUndefined();
  });

  test.each(named)("in which any field of %s is wrong is read or refused", (_name, path) => {
    expectFieldsAreSurvived(readFileSync(path), 2);
  });

  test.each(named)("cut off from %s is read or refused", (_name, path) => {
    const original = readFileSync(path);
    const step = Math.max(1, Math.floor(original.length / 200));
    for (let length = 0; length < original.length; length += step)
      expect(misbehaviour(original.subarray(0, length))).toBeUndefined();
  });

  test("that begins like a format and goes on at random is read or refused", () => {
    const random = generator(7);
    for (const magic of [
      "\x7fELF\x02\x01",
      "\x7fELF\x01\x02",
      "\xcf\xfa\xed\xfe",
      "\xca\xfe\xba\xbe",
      "MZ",
      "!<arch>\n",
      "\x64\x86",
      "\0asm\x01\0\0\0",
    ])
      for (let round = 0; round < 200; round += 1) {
        const noise = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
        expect(misbehaviour(Buffer.concat([Buffer.from(magic, "latin1"), noise]))).toBeUndefined();
      }
  });
});

/** One of each kind: processors, byte orders, systems and linkers that no fixture has. */
const foreign: readonly [string, string][] = [
  ["jna", "com/sun/jna/linux-s390x/libjnidispatch.so"],
  ["jna", "com/sun/jna/linux-ppc/libjnidispatch.so"],
  ["jna", "com/sun/jna/linux-mips64el/libjnidispatch.so"],
  ["jna", "com/sun/jna/sunos-sparcv9/libjnidispatch.so"],
  ["jna", "com/sun/jna/win32-x86/jnidispatch.dll"],
  ["jna", "com/sun/jna/win32-aarch64/jnidispatch.dll"],
  ["jna", "com/sun/jna/darwin-x86-64/libjnidispatch.jnilib"],
  ["cffi-macos-arm64", "_cffi_backend.cpython-311-darwin.so"],
  ["cffi-win-arm64", "_cffi_backend.cp311-win_arm64.pyd"],
  ["numpy-win-amd64", "numpy/_core/lib/npymath.lib"],
  ["numpy-macos-arm64", "numpy/_core/lib/libnpymath.a"],
  ["source-map", "package/lib/mappings.wasm"],
];
const missing = foreign.filter(([id]) => corpusFile(id) === undefined);
if (missing.length > 0 && process.env["FORBID_SKIPS"] === "1")
  throw new Error(`packages of the corpus are missing: ${fetchCommand}`);

describe.skipIf(missing.length > 0)(`a damaged foreign file (${fetchCommand})`, () => {
  test.each(foreign)("in which any field of %s %s is wrong is read or refused", async (id, member) => {
    const bytes = await corpusLibrary(id, member);
    expectFieldsAreSurvived(bytes ?? Buffer.alloc(0), 1);
  });
});

describe("a file made to cost more than its size", () => {
  test.each([
    ["a module of nothing but memories", wasmOfMemories(200_000)],
    ["a module of nothing but empty custom sections", wasmOfSections(200_000)],
    ["an archive of nothing but empty members", archiveOfNothing(20_000)],
  ])("%s is read or refused within the promised heap", (name, bytes) => {
    const path = join(folder, name.replaceAll(" ", "-"));
    writeFileSync(path, bytes);
    const facts = spawnSync(process.execPath, ["--expose-gc", "--import", "tsx", "-e", measuring, path], {
      cwd: root,
      encoding: "utf8",
      timeout: 300_000,
    });
    expect(facts.stderr).toBe("");
    expect(facts.stdout.trim()).toBe("kept");
  });
});

const measuring = `
import { readFileSync } from "node:fs";
import { factsMemory, memoryFloor, memoryPerByte } from "./tools/inspect/survival.ts";
const bytes = readFileSync(process.argv[1]);
const memory = factsMemory(bytes);
console.log(memory <= memoryPerByte * bytes.length + memoryFloor ? "kept" : \`\${memory} of \${bytes.length}\`);
`;

test("the fuzzer runs in a small heap and finds nothing", () => {
  const options = { cwd: root, encoding: "utf8", timeout: 300_000 } as const;
  const args = ["--import", "tsx", "tools/inspect/fuzz.ts", "--seconds", "6", "--keep", join(folder, "kept")];
  const result = spawnSync(process.execPath, [...args, ...files.slice(0, 12)], options);
  expect(result.stdout).toMatch(/"cases":[1-9]/);
  expect(result.status).toBe(0);
});

function expectFieldsAreSurvived(original: Buffer, most: number): void {
  const fields = fieldsOf(original, most);
  expect(fields.length).toBeGreaterThan(5);
  for (const field of fields)
    for (const bytes of fieldDamages(original, field)) {
      const wrong = misbehaviour(bytes);
      if (wrong !== undefined) throw new Error(`${field.what} at ${field.offset}: ${wrong}`);
    }
}

function wasmOfMemories(count: number): Buffer {
  const content = Buffer.concat([leb(count), Buffer.alloc(count * 2)]);
  return Buffer.concat([
    Buffer.from("\0asm\x01\0\0\0", "latin1"),
    Buffer.from([5]),
    leb(content.length),
    content,
  ]);
}

function wasmOfSections(count: number): Buffer {
  const section = Buffer.from([0, 1, 0]);
  return Buffer.concat([Buffer.from("\0asm\x01\0\0\0", "latin1"), ...Array<Buffer>(count).fill(section)]);
}

function archiveOfNothing(count: number): Buffer {
  const header = Buffer.from(
    `${"x/".padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"644".padEnd(8)}${"0".padEnd(10)}\`\n`,
  );
  return Buffer.concat([Buffer.from("!<arch>\n"), ...Array<Buffer>(count).fill(header)]);
}

function leb(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    if (left <= 0x7f) return Buffer.from(bytes);
  }
}
