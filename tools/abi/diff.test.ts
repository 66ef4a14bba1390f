// One test for each kind of change, on headers as a compiler would read them; then real headers, and the command.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { corpusLibrary } from "../container/corpus-library.ts";
import { corpusFile, fetchCommand } from "../inspect/corpus-cache.ts";
import schema from "./abi-diff.schema.json" with { type: "json" };
import { diffAbi, type AbiDiff } from "./diff.ts";
import { readAbi } from "./read-abi.ts";

const folder = mkdtempSync(join(tmpdir(), "abi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const repository = join(import.meta.dirname, "../..");
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

const base = [
  "#include <stddef.h>",
  "#include <stdint.h>",
  '#define X_VERSION "1.4.2"',
  "#define X_VERSION_RELEASE 2",
  "#define X_MINOR_VERSION 4",
  "#define X_A 1",
  "enum x_e { X_ONE = 1 };",
  "struct x_s { uint32_t a; uint64_t b; };",
  "typedef void (*x_done)(int code);",
  "int x_f(int a);",
  "void x_text(const char *text, size_t bytes);",
  "",
].join("\n");

let count = 0;
function header(text: string): string {
  count += 1;
  const path = join(folder, `${count}.h`);
  writeFileSync(path, text);
  return path;
}

function diff(replaced: string, by: string): AbiDiff {
  if (!base.includes(replaced)) throw new Error(`the header has no ${replaced}`);
  const found = diffAbi(readAbi(header(base)), readAbi(header(base.replace(replaced, by))));
  expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
  return found;
}

describe("a change", () => {
  it.each([
    ["same", "X_A", "X_A", []],
    ["same", "x_f(int a)", "x_f(int other)", []],
    ["same", '"1.4.2"', '"1.5.0"', ["changed version X_VERSION"]],
    ["same", "X_VERSION_RELEASE 2", "X_VERSION_RELEASE 3", ["changed version X_VERSION_RELEASE"]],
    ["same", "X_MINOR_VERSION 4", "X_MINOR_VERSION 5", ["changed version X_MINOR_VERSION"]],
    ["minor", "int x_f", "void x_g(void);\nint x_f", ["added function x_g"]],
    ["minor", "X_ONE = 1", "X_ONE = 1, X_TWO", ["added enum x_e.X_TWO"]],
    ["minor", "x_f(int a)", "x_f(int32_t a)", ["changed function x_f"]],
    ["major", "int x_f(int a);", "", ["removed function x_f"]],
    ["major", "x_f(int a)", "x_f(long a)", ["changed function x_f"]],
    ["major", "const char *text", "char *text", ["changed function x_text"]],
    ["major", "X_A 1", "X_A 2", ["changed constant X_A"]],
    ["major", "X_ONE = 1", "X_ONE = 3", ["changed enum x_e.X_ONE"]],
    ["major", "(int code)", "(int code, int more)", ["changed callback x_done"]],
    ["major", "uint32_t a; uint64_t b;", "uint64_t b; uint32_t a;", ["changed record x_s"]],
    ["major", "uint64_t b;", "int64_t b;", ["changed record x_s"]],
    ["major", "uint64_t b;", "uint64_t b; int c;", ["changed record x_s"]],
  ])("is %s where %j becomes %j", (verdict, replaced, by, changes) => {
    const found = diff(replaced, by);
    expect(found.changes.map(({ change, kind, name }) => `${change} ${kind} ${name}`)).toEqual(changes);
    expect(found.verdict).toBe(verdict);
  });

  it("of a field's name alone is told as that, and breaks programs that write it", () => {
    const [change] = diff("uint32_t a;", "uint32_t first;").changes;
    expect(change).toMatchObject({ breaking: true, detail: "a is called first" });
    const [other] = diff("uint32_t a;", "float first;").changes;
    expect(other?.detail).toBe("a is gone; first added at 0");
  });

  it("of a union by a member more breaks nobody where it is as large and passed as before", () => {
    const union = (members: string): string => header(`#include <stdint.h>\nunion x_u { ${members} };\n`);
    const verdict = (before: string, after: string): string =>
      diffAbi(readAbi(union(before)), readAbi(union(after))).verdict;
    expect(verdict("uint32_t a;", "uint32_t a; float b;")).toBe("minor");
    expect(verdict("uint32_t a;", "uint32_t a; double b;")).toBe("major");
    expect(verdict("float a;", "float a; uint32_t b;")).toBe("major");
    expect(verdict("uint32_t a; float b;", "uint32_t a;")).toBe("major");
  });

  it("of an opaque type to one whose fields are told breaks nobody; the other way does", () => {
    const [opaque, complete] = ["struct x_o;", "struct x_o { int a; };"].map((declared) =>
      readAbi(header(`typedef struct x_o x_o;\n${declared}\nint x_use(x_o *o);\n`)),
    );
    if (opaque === undefined || complete === undefined) throw new Error("two headers were read");
    const found = diffAbi(opaque, complete);
    expect(found.changes).toMatchObject([{ name: "x_o", detail: "opaque -> complete", breaking: false }]);
    expect(found.verdict).toBe("minor");
    expect(diffAbi(complete, opaque).verdict).toBe("major");
  });

  it("is told for the classes in which a layout differs", () => {
    const [change] = diff("uint64_t b;", "uint32_t b;").changes;
    expect(change?.detail).toContain("p8a8, p4a8: size 16 -> 8");
    expect(change?.detail).toContain("p4a4: size 12 -> 8");
    expect(change?.detail).toContain("uint64_t b -> uint32_t b");
  });

  it("of a size to 64 bits breaks the 32-bit classes alone", () => {
    const [change] = diff("size_t bytes", "uint64_t bytes").changes;
    expect(change).toMatchObject({ breaking: true, classes: ["p4a8", "p4a4"] });
  });

  it("is set against the version that the header says", () => {
    const grown = base.replace("int x_f", "void x_g(void);\nint x_f");
    const verdictOf = (version: string, text: string): boolean =>
      diffAbi(readAbi(header(base)), readAbi(header(text.replace("1.4.2", version)))).understated;
    expect(verdictOf("1.4.3", grown)).toBe(true);
    expect(verdictOf("1.5.0", grown)).toBe(false);
    expect(verdictOf("1.5.0", base.replace("int x_f(int a);", ""))).toBe(true);
    expect(verdictOf("2.0.0", base.replace("int x_f(int a);", ""))).toBe(false);
    expect(verdictOf("1.4.1", base)).toBe(true);
  });
});

const sqliteIsHere = ["better-sqlite3-8", "better-sqlite3-11"].every((id) => corpusFile(id) !== undefined);

describe.skipIf(!sqliteIsHere && process.env["FORBID_SKIPS"] !== "1")(
  `between SQLite 3.40.0 and 3.47.0 (${fetchCommand})`,
  () => {
    let found: AbiDiff;
    beforeAll(async () => {
      const paths = await Promise.all(
        ["better-sqlite3-8", "better-sqlite3-11"].map(async (id) => {
          const bytes = await corpusLibrary(id, "package/deps/sqlite3/sqlite3.h");
          return header(bytes?.toString("utf8") ?? "");
        }),
      );
      found = diffAbi(readAbi(paths[0] ?? ""), readAbi(paths[1] ?? ""));
    });

    it("five functions came, and none went", () => {
      const functions = found.changes.filter(({ kind }) => kind === "function");
      expect(functions.map(({ change, name }) => `${change} ${name}`)).toEqual([
        "added sqlite3_is_interrupted",
        "added sqlite3_stmt_explain",
        "added sqlite3_get_clientdata",
        "added sqlite3_set_clientdata",
        "added sqlite3_stmt_scanstatus_v2",
      ]);
    });

    it("three tables of functions grew at their end, in each class by its own pointers", () => {
      const records = found.changes.filter(({ kind, change }) => kind === "record" && change === "changed");
      expect(records.map(({ name }) => name)).toEqual(["sqlite3_module", "Fts5ExtensionApi", "fts5_api"]);
      expect(records[0]?.detail).toBe(
        "p8a8: size 192 -> 200; p8a8: xIntegrity added at 192; p4a8, p4a4: size 96 -> 100; p4a8, p4a4: xIntegrity added at 96",
      );
    });

    it("its own version is no break, and says less than the tables that grew", () => {
      const versions = found.changes.filter(({ kind }) => kind === "version");
      expect(versions.map(({ name }) => name)).toEqual([
        "SQLITE_VERSION",
        "SQLITE_VERSION_NUMBER",
        "SQLITE_SOURCE_ID",
      ]);
      expect(versions.some(({ breaking }) => breaking)).toBe(false);
      expect(found).toMatchObject({
        verdict: "major",
        understated: true,
        version: { before: "3.40.0", after: "3.47.0", step: "minor" },
      });
      expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
    });
  },
);

describe("the command", () => {
  const ours = join(repository, "bindings/abi.json");
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync("npx", ["--no-install", "tsx", join(repository, "tools/abi-diff.ts"), ...args], {
      encoding: "utf8",
    });

  it("finds this project's model equal to itself, and exits 0", () => {
    const { status, stdout } = run(ours, ours, "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "same", understated: false, changes: [] });
    expect(status).toBe(0);
  });

  it("finds this project's headers to be what its model says", () => {
    const { status, stdout } = run(ours, join(repository, "include/nnrp"), "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "same", changes: [] });
    expect(status).toBe(0);
  });

  it("exits 1 where a function of this project is gone, and says that the version does not tell", () => {
    const model = JSON.parse(readFileSync(ours, "utf8")) as { functions: { name: string }[] };
    const [gone, ...functions] = model.functions;
    const path = join(folder, "less.json");
    writeFileSync(path, JSON.stringify({ ...model, functions }));
    const { status, stdout } = run(ours, path);
    expect(stdout).toContain(`breaking  removed  function  ${gone?.name ?? ""}`);
    expect(stdout).toContain("the version says less than what changed");
    expect(status).toBe(1);
  });

  it("exits 2 with line and column where a header is not understood: that is no verdict", () => {
    const { status, stderr } = run(header("int x_f(int a)\nint x_g(void);\n"), ours);
    expect(stderr).toMatch(/\.h:2:1: expected ';'/);
    expect(status).toBe(2);
  });

  it("exits 2 with the file and the remedy where one of the two is none", () => {
    const path = join(folder, "none.json");
    writeFileSync(path, "{}");
    const { status, stderr } = run(ours, path);
    expect(stderr).toContain(path);
    expect(stderr).toContain("name a C header");
    expect(status).toBe(2);
  });
});
