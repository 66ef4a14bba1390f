// Damaged files are refused with a typed error, in time and memory that follow the size of the file.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ToolError } from "../shared/errors.ts";
import { inspectBytes } from "./inspect.ts";

const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));
const files = readdirSync(fixtures, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(so|a|dll|dylib|node)$/.test(path))
  .map((path) => join(fixtures, path))
  .sort();

const roundsPerFile = 300;
/** The largest fixture takes 5 ms; the limit tells a loop from a busy machine. */
const longestMs = 5000;
/** Facts repeat a name at most a few times. */
const mostFactsPerByte = 64;

describe("a damaged file", () => {
  test.each(files.map((path) => [relative(fixtures, path), path]))(
    "of %s is read or refused",
    (_name, path) => {
      const original = readFileSync(path);
      const random = generator(original.length);
      for (let round = 0; round < roundsPerFile; round += 1) expectReadOrRefused(damaged(original, random));
    },
  );

  test.each(files.map((path) => [relative(fixtures, path), path]))(
    "cut off from %s is read or refused",
    (_n, path) => {
      const original = readFileSync(path);
      const step = Math.max(1, Math.floor(original.length / 200));
      for (let length = 0; length < original.length; length += step)
        expectReadOrRefused(original.subarray(0, length));
    },
  );

  test("that begins like a format and goes on at random is read or refused", () => {
    const random = generator(7);
    for (const magic of [
      "\x7fELF\x02\x01",
      "\x7fELF\x01\x02",
      "MZ",
      "!<arch>\n",
      "!<thin>\n",
      "\xcf\xfa\xed\xfe",
      "\xca\xfe\xba\xbe\0\0\0\x02",
    ])
      for (let round = 0; round < 200; round += 1) {
        const noise = Buffer.from(Array.from({ length: 4096 }, () => Math.floor(random() * 256)));
        expectReadOrRefused(Buffer.concat([Buffer.from(magic, "latin1"), noise]));
      }
  });
});

function expectReadOrRefused(bytes: Uint8Array): void {
  const started = performance.now();
  try {
    const facts = inspectBytes("damaged", bytes);
    const text = JSON.stringify(facts, (_key, value: unknown) =>
      typeof value === "bigint" ? Number(value) : value,
    );
    expect(text.length).toBeLessThan(mostFactsPerByte * bytes.length + 65_536);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    expect(error.family).toBe("usage");
  }
  expect(performance.now() - started).toBeLessThan(longestMs);
}

/** A copy with one to eight numbers of one, two or four bytes replaced; the values are those that break readers. */
function damaged(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const values = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0xffff,
    0x7fffffff,
    0x80000000,
    0xfffffff0,
    0xffffffff,
    bytes.length,
  ];
  // Headers and tables are small, so half of the hits go to the first kilobyte.
  const reach = random() < 0.5 ? Math.min(1024, bytes.length) : bytes.length;
  const hits = 1 + Math.floor(random() * 8);
  for (let hit = 0; hit < hits; hit += 1) {
    const width = [1, 2, 4][Math.floor(random() * 3)] ?? 1;
    const at = Math.floor(random() * (reach - width));
    const chosen = values[Math.floor(random() * values.length)] ?? 0;
    const value = random() < 0.3 ? Math.floor(random() * 2 ** 32) : chosen;
    if (random() < 0.5) bytes.writeUIntLE(value % 2 ** (8 * width), at, width);
    else bytes.writeUIntBE(value % 2 ** (8 * width), at, width);
  }
  return bytes;
}

/** Numbers in [0, 1), the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
