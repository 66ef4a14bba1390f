// Damaged archives give members, problems or a typed error, never another throw, a hang, or more than the limits.
import { gzipSync } from "node:zlib";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { corpusFile, fetchCommand } from "../inspect/corpus-cache.ts";
import { damaged, generator } from "../inspect/damage.ts";
import { ToolError } from "../shared/errors.ts";
import { paxLine, tarOf } from "./hostile-tar.ts";
import { zipOf } from "./hostile-zip.ts";
import { defaultLimits } from "./limits.ts";
import { openContainer } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "container-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const limits = { ...defaultLimits, memberBytes: 2 ** 20, totalBytes: 2 ** 22, members: 1000 };
const longestMs = 30_000;

const inner = zipOf([
  { name: "a", content: "x".repeat(3000) },
  { name: "b", content: "y", zip64: true },
  { name: "c", content: "z".repeat(30), method: 0, descriptor: true },
  { name: "l", content: "a", mode: 0o120777 },
]);
const tar = tarOf([
  { name: "pax", type: "x", content: paxLine("path", "p".repeat(200)) },
  { name: "x", content: "content" },
  { name: "in.zip", content: inner },
  { name: "link", type: "2", link: "x" },
]);
const originals: readonly [string, Buffer][] = [
  [
    "a zip archive",
    zipOf([
      { name: "in.zip", content: inner, method: 0 },
      { name: "n", content: "text" },
    ]),
  ],
  ["a tar archive", tar],
  ["a compressed tar archive", gzipSync(tar)],
];

describe("a damaged archive", () => {
  test.each(originals)("that was %s is read or refused, whatever byte is wrong", async (_name, original) => {
    for (let at = 0; at < original.length; at += 1) {
      const bytes = Buffer.from(original);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      await expectSurvived(bytes);
    }
  });

  test.each(originals)(
    "that was %s is read or refused, whatever numbers are wrong",
    async (_name, original) => {
      const random = generator(original.length);
      for (let round = 0; round < 600; round += 1) await expectSurvived(damaged(original, random));
    },
  );

  test.each(originals)("that was %s is read or refused, wherever it is cut", async (_name, original) => {
    const step = Math.max(1, Math.floor(original.length / 300));
    for (let length = 0; length < original.length; length += step)
      await expectSurvived(original.subarray(0, length));
  });
});

const foreign = ["cffi-win-arm64", "source-map", "rollup-darwin-x64"];
const missing = foreign.filter((id) => corpusFile(id) === undefined);
if (missing.length > 0 && process.env["FORBID_SKIPS"] === "1")
  throw new Error(`packages of the corpus are missing: ${fetchCommand}`);

describe.skipIf(missing.length > 0)(`a damaged foreign package (${fetchCommand})`, () => {
  test.each(foreign)("%s is read or refused", async (id) => {
    const original = readFileSync(corpusFile(id) ?? "");
    const random = generator(original.length);
    for (let round = 0; round < 40; round += 1) await expectSurvived(damaged(original, random));
  });
});

let count = 0;
async function expectSurvived(bytes: Buffer): Promise<void> {
  count += 1;
  const path = join(folder, `case-${count}`);
  writeFileSync(path, bytes);
  const started = performance.now();
  try {
    let total = 0;
    const container = await openContainer(path, limits);
    for await (const entry of container.entries())
      if (entry.type === "member") total += (await entry.read()).length;
    expect(total).toBeLessThanOrEqual(limits.totalBytes);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    expect(error.family).toBe("usage");
    expect(error.message).toContain(path);
  } finally {
    rmSync(path);
  }
  expect(performance.now() - started).toBeLessThan(longestMs);
}
