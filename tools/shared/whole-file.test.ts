// What a written file leaves behind: itself and nothing else, whatever stood in its place.
import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFile,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { writeWholeFile } from "./whole-file.ts";

const root = mkdtempSync(join(tmpdir(), "whole-file-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
});

describe("writeWholeFile", () => {
  it("replaces a file and leaves no other", async () => {
    const path = join(folder, "report.json");
    writeFileSync(path, "old");
    await writeWholeFile(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual(["report.json"]);
  });

  it("writes through a link, which stays one", async () => {
    writeFileSync(join(folder, "real.json"), "old");
    symlinkSync("real.json", join(folder, "link.json"));
    await writeWholeFile(join(folder, "link.json"), "new");
    expect(lstatSync(join(folder, "link.json")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "real.json"), "utf8")).toBe("new");
  });

  it("writes into a pipe, which stays one", async () => {
    const pipe = join(folder, "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    const [, text] = await Promise.all([
      writeWholeFile(pipe, "through the pipe"),
      new Promise<string>((resolve, reject) =>
        readFile(pipe, "utf8", (error, read) => (error === null ? resolve(read) : reject(error))),
      ),
    ]);
    expect(text).toBe("through the pipe");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });
});
