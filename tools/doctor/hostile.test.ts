// What bad input gets from the whole doctor, as a child under limits: an error with the file's name, never a crash.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fixturesFolder } from "../verify/mutation/fixture-artifact.ts";
import { runDoctor } from "./run-doctor.ts";

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const library = readFileSync(join(fixturesFolder, "x86_64-unknown-linux-gnu/libfixture.so"));

it.each([
  ["empty.so", Buffer.alloc(0)],
  ["truncated.so", library.subarray(0, 100)],
  ["garbage.whl", Buffer.from("PK\u0003\u0004 and then nothing")],
  ["short.tgz", Buffer.from([0x1f, 0x8b, 8, 0])],
])("is 2 and the file's name for %s", (name, bytes) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const { status, stderr } = runDoctor([path]);
  expect(stderr).toContain(path);
  expect(stderr).not.toContain("    at ");
  expect(status).toBe(2);
});

it("does not wait for a pipe or read a device", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const { status, stderr } = runDoctor([pipe, "/dev/zero"]);
  expect(stderr).toContain("is no regular file");
  expect(status).toBe(2);
});

it("walks a folder that links to itself once, and a name cannot command the terminal", () => {
  const loop = join(folder, "loop");
  mkdirSync(loop);
  symlinkSync(".", join(loop, "again"));
  writeFileSync(join(loop, "\u001b]0;owned\u0007.so"), "no library");
  const { status, stdout, stderr } = runDoctor([loop]);
  expect(stdout).toContain("library-unreadable");
  expect(stdout + stderr).not.toMatch(/[\u001b\u0007]/);
  expect(status).toBe(1);
});
