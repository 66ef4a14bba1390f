// The folder of --output is made, or refused with a reason, before anything is built.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeOutputFolder } from "./output-folder.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nnrp-output-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a folder is made with those above it, and one that is there is taken", async () => {
  const folder = join(root, "a", "b");
  await makeOutputFolder(folder);
  await makeOutputFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

test("a file, and a folder below a file, are refused", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  await expect(makeOutputFolder(file)).rejects.toMatchObject({ code: "unusable-output", family: "usage" });
  await expect(makeOutputFolder(join(file, "below"))).rejects.toMatchObject({ code: "unusable-output" });
});

test.runIf(process.platform === "linux")("a folder that no file system can make is refused", async () => {
  await expect(makeOutputFolder("/proc/artifacts/here")).rejects.toThrow(/--output \/proc\/artifacts\/here/);
});
