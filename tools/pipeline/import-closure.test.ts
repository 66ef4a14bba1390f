// The digest of a module: it follows every import, and every file that a module reads beside itself.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closureDigest, importsOf } from "./import-closure.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "closure-"));
  write("stage/entry.ts", 'import { a } from "../shared/a.ts";\nconst b = await import("./lazy.ts");\n');
  write("shared/a.ts", 'export type { B } from "./b.ts";\n');
  write("shared/b.ts", "export type B = 1;\n");
  write("stage/lazy.ts", "export const lazy = 1;\n");
  write("stage/data/table.json", "{}");
  write("stage/fixtures/test.bin", "1");
  write("other/unrelated.ts", "export {};\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function digest(): string {
  return closureDigest([join(root, "stage", "entry.ts")], root);
}

describe("closureDigest", () => {
  it.each([
    "stage/entry.ts",
    "shared/a.ts",
    "shared/b.ts",
    "stage/lazy.ts",
    "stage/data/table.json",
    "package-lock.json",
  ])("changes with %s", (path) => {
    const before = digest();
    write(path, "changed");
    expect(digest()).not.toBe(before);
  });

  it.each(["other/unrelated.ts", "stage/fixtures/test.bin", "stage/entry.test.ts"])("ignores %s", (path) => {
    const before = digest();
    write(path, "changed");
    expect(digest()).toBe(before);
  });

  it("reads imports over several lines, of types and of modules loaded late", () => {
    const text =
      'import {\n  a,\n} from "./a.ts";\nexport * from "../b.ts";\nimport "./c.ts";\nawait import("./d.ts");\nimport x from "zx";';
    expect(importsOf(text)).toEqual(["./a.ts", "../b.ts", "./c.ts", "./d.ts"]);
  });
});
