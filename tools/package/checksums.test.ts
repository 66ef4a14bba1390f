// The list of digests must be what sha256sum itself accepts, and must notice a changed byte.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeChecksums } from "./checksums.ts";
import { sha256Of } from "../shared/digest.ts";
import type { PackageFile } from "./package.ts";

const folder = mkdtempSync(join(tmpdir(), "sums-"));
afterAll(() => rmSync(folder, { recursive: true }));

function packed(fileName: string, text: string): PackageFile {
  const path = join(folder, fileName);
  writeFileSync(path, text);
  return { kind: "archive", path, fileName, bytes: text.length, sha256: sha256Of(Buffer.from(text)) };
}

const check = (): number | null => spawnSync("sha256sum", ["--check", "SHA256SUMS"], { cwd: folder }).status;

test("sha256sum accepts the list, and refuses it once a package has changed", async () => {
  const first = packed("b.tar.gz", "two");
  await writeChecksums([first, packed("a.zip", "one"), first], folder);
  expect(readFileSync(join(folder, "SHA256SUMS"), "utf8")).toMatch(
    /^\w{64} {2}a\.zip\n\w{64} {2}b\.tar\.gz\n$/,
  );
  expect(check()).toBe(0);
  writeFileSync(first.path, "other");
  expect(check()).not.toBe(0);
});
