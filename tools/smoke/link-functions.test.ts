// Facts about the link test: what it names, and that a library without a function of the headers does not pass.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compiler, host, tally } from "../package/tally-fixture.ts";
import { systemProcess } from "../shared/process.ts";
import { functionTable } from "./function-table.ts";
import { linkEveryFunction } from "./link-functions.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "link-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe.skipIf(!compiler.isPresent)(`a link test (${compiler.install})`, () => {
  it("fails in the linker's words when the library lacks a function of the headers", async () => {
    const name = /\)(\w+),/.exec((await functionTable(tally)).text)?.[1] ?? "";
    const tail = (await linkTest("int other;")).tail;
    expect(name).not.toBe("");
    expect(tail).toMatch(new RegExp(`undefined .*${name}`));
  });
});

async function linkTest(source: string): ReturnType<typeof linkEveryFunction> {
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "other.c"), source);
  execFileSync("cc", ["-c", join(folder, "other.c"), "-o", join(folder, "other.o")]);
  execFileSync("ar", ["crs", join(folder, "lib/libtally.a"), join(folder, "other.o")]);
  const include = join(tally.root, tally.headers.includeDirectory);
  return linkEveryFunction({
    project: tally,
    target: host,
    process: systemProcess,
    tools: {
      compiler: { program: "cc", args: ["-I", include], name: "cc" },
      linker: { program: "ld", args: [], name: "ld" },
    },
    linkage: "static",
    packageDirectory: folder,
    nativeStaticLibraries: [],
    outputDirectory: folder,
  });
}
