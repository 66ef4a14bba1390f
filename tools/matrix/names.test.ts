// File names that follow from a target.
import { describe, expect, it } from "vitest";
import { foldersOf } from "./folders.ts";
import { hostTriple } from "./host.ts";
import { environmentVariable, libraryFileName, libraryFiles, loadName } from "./names.ts";
import { targets } from "./targets.ts";
import type { Target } from "./target.ts";
import { tinyProject } from "../build/fixtures/tiny/tiny.project.ts";

function target(triple: string): Target {
  const found = targets.find((entry) => entry.triple === triple);
  if (found === undefined) throw new Error(triple);
  return found;
}

describe("names", () => {
  it.each([
    ["x86_64-unknown-linux-gnu", ["libx.so", "libx.a", "x.node"]],
    ["x86_64-pc-windows-gnullvm", ["x.dll", "libx.a", "libx.dll.a", "x.node"]],
    ["x86_64-pc-windows-msvc", ["x.dll", "x.lib", "x.dll.lib"]],
    ["aarch64-apple-darwin", ["libx.dylib", "libx.a", "x.node"]],
    ["aarch64-apple-ios", ["libx.a"]],
    ["aarch64-linux-android", ["libx.so", "libx.a"]],
  ])("of %s are %j", (triple, expected) => {
    const row = target(triple);
    expect(libraryFiles(row).map((file) => libraryFileName(row, file, "x"))).toEqual(expected);
  });

  it("never gives two files of a target the same name", () => {
    for (const row of targets) {
      const names = libraryFiles(row).map((file) => libraryFileName(row, file, "x"));
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("gives a dylib a load name relative to the user's rpath", () => {
    expect(loadName(target("aarch64-apple-darwin"), "x")).toBe("@rpath/libx.dylib");
    expect(loadName(target("aarch64-linux-android"), "x")).toBe("libx.so");
  });

  it("spells variables of a project in capitals", () => {
    expect(environmentVariable("my-lib", "CACHE_DIR")).toBe("MY_LIB_CACHE_DIR");
  });
});

describe("folders", () => {
  it("put the cache where the project's own variable says, before XDG's", () => {
    const project = tinyProject("/project");
    expect(foldersOf(project, { TINY_CACHE_DIR: "/c", XDG_CACHE_HOME: "/x" }).cache).toBe("/c");
    expect(foldersOf(project, { XDG_CACHE_HOME: "/x" }).cache).toBe("/x/tiny");
    expect(foldersOf(project, {}).cache).toMatch(/[\\/]\.cache[\\/]tiny$/);
  });
});

describe("hostTriple", () => {
  it.each([
    [{ platform: "linux", arch: "x64", isMusl: false }, "x86_64-unknown-linux-gnu"],
    [{ platform: "linux", arch: "arm64", isMusl: true }, "aarch64-unknown-linux-musl"],
    [{ platform: "linux", arch: "arm", isMusl: false }, "armv7-unknown-linux-gnueabihf"],
    [{ platform: "darwin", arch: "arm64", isMusl: false }, "aarch64-apple-darwin"],
    [{ platform: "win32", arch: "x64", isMusl: false }, "x86_64-pc-windows-gnullvm"],
  ] as const)("of %j is %s", (host, expected) => {
    expect(hostTriple(host)).toBe(expected);
    expect(targets.map(({ triple }) => triple)).toContain(expected);
  });
});
