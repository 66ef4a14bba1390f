// One test for each kind of change, on headers as a compiler would read them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { diffAbi } from "./diff.ts";
import { readAbi } from "./read-abi.ts";

const folder = mkdtempSync(join(tmpdir(), "abi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const base = "#include <stdint.h>\n#define X_A 1\nstruct x_s { uint32_t a; uint64_t b; };\nint x_f(int a);\n";

function diff(replaced: string, by: string): ReturnType<typeof diffAbi> {
  const [old, present] = [join(folder, "old.h"), join(folder, "new.h")];
  writeFileSync(old, base);
  writeFileSync(present, base.replace(replaced, by));
  return diffAbi(readAbi(old), readAbi(present));
}

it.each([
  ["same", "", "", []],
  ["minor", "int x_f", "void x_g(void);\nint x_f", ["added function x_g"]],
  ["major", "int x_f(int a);", "", ["removed function x_f"]],
  ["major", "x_f(int a)", "x_f(long a)", ["changed function x_f"]],
  ["major", "X_A 1", "X_A 2", ["changed constant X_A"]],
  ["major", "uint32_t a; uint64_t b;", "uint64_t b; uint32_t a;", ["changed record x_s"]],
  ["same", "x_f(int a)", "x_f(int other)", []],
])("is %s where %j becomes %j", (verdict, replaced, by, changes) => {
  const found = diff(replaced, by);
  expect(found.changes.map(({ change, kind, name }) => `${change} ${kind} ${name}`)).toEqual(changes);
  expect(found.verdict).toBe(verdict);
});

it("names the classes in which a layout differs", () => {
  const [change] = diff("uint64_t b;", "uint32_t b;").changes;
  expect(change?.detail).toContain("p8a8 size: 16 -> 8");
  expect(change?.detail).toContain("p4a4 size: 12 -> 8");
});
