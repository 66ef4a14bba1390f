// What a folder remembers of the build before: sizes with a Rust std of the other origin, and of nothing else.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { StdProvider } from "../toolchain/toolchain.ts";
import type { StdSizes } from "./artifact.ts";
import { sizesWithOtherStd, writeRecord } from "./record.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "record-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function built(std: StdProvider, bytes: number, otherStd?: StdSizes): Promise<void> {
  const [target] = targets;
  if (target === undefined) throw new Error("no targets");
  const library = { kind: "static", path: "/a", fileName: "a", bytes, sha256: "" } as const;
  const tools = { rustc: "r", linker: "l", cCompiler: "c", sysroot: "zig", profile: "release" } as const;
  const provenance = { ...tools, std, gitCommit: "c0ffee", nativeStaticLibraries: [] };
  const other = otherStd === undefined ? {} : { otherStd };
  await writeRecord({ target, directory, libraries: [library], provenance, contentKey: "", ...other });
}

const measured = (std: StdProvider, bytes: number): StdSizes => ({
  ...{ std, gitCommit: "c0ffee", libraries: [{ kind: "static", bytes }] },
});

it("remembers the sizes with the other origin of std", async () => {
  await built("installed", 14);
  expect(await sizesWithOtherStd(directory, "build-std", "release")).toEqual(measured("installed", 14));
});

it("keeps them while the std stays, and swaps them when it changes back", async () => {
  await built("build-std", 6, measured("installed", 14));
  expect(await sizesWithOtherStd(directory, "build-std", "release")).toEqual(measured("installed", 14));
  expect(await sizesWithOtherStd(directory, "rustup", "release")).toEqual(measured("build-std", 6));
});

it("compares neither profiles nor a prebuilt std with itself", async () => {
  await built("installed", 14);
  expect(await sizesWithOtherStd(directory, "build-std", "quick")).toBeUndefined();
  expect(await sizesWithOtherStd(directory, "rustup", "release")).toBeUndefined();
});

it("knows nothing of a folder without a finished build", async () => {
  expect(await sizesWithOtherStd(directory, "build-std", "release")).toBeUndefined();
});
