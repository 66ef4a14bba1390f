// A release never holds what was linked over stubs, whichever file would carry it.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Of } from "../shared/digest.ts";
import { systemProcess } from "../shared/process.ts";
import { textEntry } from "./archive-entry.ts";
import { readRelease } from "./read-release.ts";
import { releaseRefusals } from "./release-check.ts";
import { tarGz } from "./tar-archive.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-"));
  await record("aarch64-linux-android", "stub");
  await record("x86_64-unknown-linux-gnu", "zig");
  await mkdir(join(folder, "packages"));
  await pack("tally-android.tar.gz", {
    "tally/manifest.json": JSON.stringify(described("aarch64-linux-android", "stub")),
  });
  await pack("tally-linux.tar.gz", {
    "tally/manifest.json": JSON.stringify(described("x86_64-unknown-linux-gnu", "zig")),
  });
  await pack("tally-addon.tgz", { "package/tally.node": "library of aarch64-linux-android" });
});
afterAll(() => rm(folder, { recursive: true }));

function described(triple: string, sysroot: string): object {
  const sha256 = sha256Of(new TextEncoder().encode(`library of ${triple}`));
  return { target: { triple }, provenance: { sysroot, profile: "release" }, libraries: [{ sha256 }] };
}

async function record(triple: string, sysroot: string): Promise<void> {
  await mkdir(join(folder, triple));
  await writeFile(join(folder, triple, "artifact.json"), JSON.stringify(described(triple, sysroot)));
}

async function pack(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(files).map(([path, text]) => textEntry(path, text));
  await writeFile(join(folder, "packages", name), tarGz(entries, 1));
}

async function refusedIn(path: string): Promise<string[]> {
  const { records, files } = await readRelease(path);
  return releaseRefusals(records, files).map(({ source }) => source.slice(folder.length + 1));
}

describe("a release", () => {
  it("is refused for each record, each package, and each file that carries such a library", async () => {
    expect(await refusedIn(folder)).toEqual([
      "aarch64-linux-android/artifact.json",
      "packages/tally-android.tar.gz!tally/manifest.json",
      "packages/tally-addon.tgz!package/tally.node",
    ]);
  });

  it("passes a package that was linked over a real C library", async () => {
    expect(await refusedIn(join(folder, "packages/tally-linux.tar.gz"))).toEqual([]);
  });

  it("refuses each slice over stubs of a framework, and a quick build", () => {
    const common = { source: "x.zip!manifest.json", sha256: [] };
    const quick = { sysroot: "zig", profile: "quick" } as const;
    const stub = { sysroot: "stub", profile: "release" } as const;
    const refusals = releaseRefusals([
      { ...common, triple: "a", provenance: stub },
      { ...common, triple: "b", provenance: quick },
    ]);
    expect(refusals.map(({ triple, reason }) => `${triple} ${reason}`)).toEqual([
      'a linked over generated stubs (sysroot "stub")',
      'b built with the profile "quick"',
    ]);
  });

  it("cannot be judged where nothing was built", async () => {
    const empty = join(folder, "x86_64-unknown-linux-gnu");
    await expect(readRelease(empty)).rejects.toMatchObject({ code: "nothing-to-release", exitCode: 2 });
  });

  it("ends the command with 1 and the names of what is refused", async () => {
    const args = [join(import.meta.dirname, "..", "release-check.ts"), folder];
    const exit = await systemProcess.run({ program: "npx", args: ["tsx", ...args], timeoutMs: 300_000 });
    expect(exit.code).toBe(1);
    expect(exit.stdout).toContain("aarch64-linux-android: linked over generated stubs");
    expect(exit.stdout).toMatch(/4 records examined, 3 refused\n$/);
  });
});
