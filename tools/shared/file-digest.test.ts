// Remembered digests: never stale, whatever was done to a file behind their back.
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256Of } from "./digest.ts";
import { FileDigests } from "./file-digest.ts";

const settled = 2_100;
let folder: string;
let file: string;
let store: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "digest-"));
  file = join(folder, "file");
  store = join(folder, "store", "digests.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function remembered(): Promise<string> {
  await wait(settled);
  const digests = new FileDigests(store);
  const digest = (await digests.of(file)) ?? "";
  await digests.save();
  expect(readFileSync(store, "utf8")).toContain(digest);
  return digest;
}

describe("FileDigests", () => {
  it("answers from the store while the file is untouched", async () => {
    writeFileSync(file, "old");
    const digest = await remembered();
    writeFileSync(store, readFileSync(store, "utf8").replace(digest, "from the store"));
    expect(await new FileDigests(store).of(file)).toBe("from the store");
  });

  it("notices other content of the same length and the same modification time", async () => {
    writeFileSync(file, "old");
    await remembered();
    const { atime, mtime } = statSync(file);
    writeFileSync(file, "new");
    utimesSync(file, atime, mtime);
    expect(await new FileDigests(store).of(file)).toBe(sha256Of("new"));
  });

  it("does not remember a file that has just been written", async () => {
    writeFileSync(file, "a");
    const digests = new FileDigests(store);
    await digests.of(file);
    writeFileSync(file, "b");
    expect(await digests.of(file)).toBe(sha256Of("b"));
  });

  it("answers undefined for what is no file, also after it was one", async () => {
    writeFileSync(file, "old");
    await remembered();
    rmSync(file);
    expect(await new FileDigests(store).of(file)).toBeUndefined();
    expect(await new FileDigests(store).of(folder)).toBeUndefined();
  });

  it("starts empty from a damaged store", async () => {
    writeFileSync(file, "x");
    await remembered();
    writeFileSync(store, "{ half");
    expect(await new FileDigests(store).of(file)).toBe(sha256Of("x"));
  });
});
