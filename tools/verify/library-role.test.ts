// An archive that brings code is a static library, whatever import objects come along with it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inspectBytes } from "../inspect/inspect.ts";
import { libraryKind } from "./library-role.ts";
import { memberHeader } from "./mutation/archive-writer.ts";
import { fixturesFolder } from "./mutation/fixture-artifact.ts";

const folder = join(fixturesFolder, "x86_64-pc-windows-gnullvm");
const staticLibrary = readFileSync(join(folder, "libfixture.a"));
const importLibrary = readFileSync(join(folder, "libfixture.dll.a"));
/** Behind the import library's two indexes and its table of names, if it has them. */
const objects = importLibrary.subarray(firstObject(importLibrary));

test("an archive of import objects alone is an import library", () => {
  expect(kindOf(importLibrary)).toBe("import");
});

test("an archive of code and import objects is a static library", () => {
  expect(kindOf(Buffer.concat([staticLibrary, objects]))).toBe("static");
});

function kindOf(bytes: Buffer): string {
  const facts = inspectBytes("libfixture.a", bytes);
  return libraryKind("libfixture.a", facts);
}

function firstObject(archive: Buffer): number {
  for (let nth = 0; ; nth++) {
    const header = memberHeader(archive, nth);
    if (archive.toString("latin1", header, header + 1) !== "/") return header;
  }
}
