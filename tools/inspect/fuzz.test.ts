// Damaged files are refused with a typed error, in time and memory that follow the size of the file.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ToolError } from "../shared/errors.ts";
import { damaged, generator } from "./damage.ts";
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
