// Folders made from recipes: whole or not there, and a changed recipe is another folder.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemProcess } from "../shared/process.ts";
import { generatedFolder, makeFolder, type Recipe } from "./generated-folder.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "generated-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

function recipe(program: string): Recipe {
  return {
    files: [{ path: "deep/a.txt", content: "a" }],
    commands: [{ program: "node", args: ["-e", program] }],
    environment: {},
  };
}

describe("makeFolder", () => {
  it("writes files and runs commands in the folder", async () => {
    const folder = generatedFolder(
      "test",
      parent,
      "x",
      recipe("require('fs').copyFileSync('deep/a.txt', 'b.txt')"),
    );
    await makeFolder(folder, systemProcess);
    expect(await readFile(join(folder.directory, "b.txt"), "utf8")).toBe("a");
    expect(await readdir(parent)).toHaveLength(1);
  });

  it("leaves nothing when a command fails", async () => {
    const folder = generatedFolder("test", parent, "x", recipe("process.exit(3)"));
    await expect(makeFolder(folder, systemProcess)).rejects.toMatchObject({
      code: "generated-folder-failed",
    });
    expect(await readdir(parent)).toEqual([]);
  });

  it("makes one folder when two ask at once", async () => {
    const folder = generatedFolder("test", parent, "x", recipe(""));
    await Promise.all([makeFolder(folder, systemProcess), makeFolder(folder, systemProcess)]);
    expect(await readdir(parent)).toHaveLength(1);
  });

  it("is named after its recipe", () => {
    const [one, two] = [recipe("1"), recipe("2")].map(
      (r) => generatedFolder("test", parent, "x", r).directory,
    );
    expect(one).not.toBe(two);
  });
});
