// A DLL that holds no address needs no relocations; one that does is told when they are gone.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { examine } from "../examine.ts";
import { fixturesFolder } from "../mutation/fixture-artifact.ts";
import { clearDirectory } from "../mutation/pe-writer.ts";

const [baseRelocations, threadLocal, loadConfig] = [5, 9, 10];
const folder = mkdtempSync(join(tmpdir(), "pe-loading-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a DLL with thread-local storage, which names addresses, needs relocations", async () => {
  expect(await gatesWithout([baseRelocations])).toContain("pe-relocations");
});

test("a DLL for x86-64 without a table of addresses needs no relocations", async () => {
  expect(await gatesWithout([baseRelocations, threadLocal, loadConfig])).not.toContain("pe-relocations");
});

async function gatesWithout(directories: readonly number[]): Promise<string[]> {
  const file = readFileSync(join(fixturesFolder, "x86_64-pc-windows-gnullvm/fixture.dll"));
  for (const directory of directories) clearDirectory(file, directory);
  const path = join(folder, "fixture.dll");
  writeFileSync(path, file);
  return (await examine(path)).findings.map(({ gate }) => gate);
}
