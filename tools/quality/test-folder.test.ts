// Where tests put their temporary files.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { setup } from "./test-folder.ts";

const own = process.env["TMPDIR"];
let parent: string;
beforeAll(() => (parent = mkdtempSync(join(tmpdir(), "folders-"))));
afterAll(() => {
  process.env["TMPDIR"] = own;
  rmSync(parent, { recursive: true });
});

it("this run has a folder of its own for them", () => {
  expect(own).toMatch(/[\\/]nnrp-tests\.\d+\.\w+$/);
});

it("a run removes its folder with all that tests forgot in it, and what a killed run left", async () => {
  process.env["TMPDIR"] = parent;
  // No process has this number.
  const killed = mkdtempSync(join(parent, "nnrp-tests.4194304."));
  const end = await setup();
  const folder = tmpdir();
  expect(basename(folder)).toMatch(new RegExp(`^nnrp-tests\\.${process.pid}\\.`));
  expect(existsSync(killed)).toBe(false);
  writeFileSync(join(folder, "forgotten"), "");
  end();
  expect(existsSync(folder)).toBe(false);
});
