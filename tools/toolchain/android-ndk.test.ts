// Which NDK is taken, in folders laid out as sdkmanager, Android Studio and the plain archive lay them out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNdk, ndkProgram } from "./android-ndk.ts";

let folder: string;
let sdk: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ndk-"));
  sdk = join(folder, "sdk");
  for (const version of ["9.9.9", "25.2.9519653", "27.2.12479018"]) ndk(join(sdk, "ndk", version), version);
  // A download that was broken off: newest, but without compilers.
  mkdirSync(join(sdk, "ndk", "28.0.1"));
  ndk(join(folder, "plain"), "26.3.11579264");
  ndk(join(folder, "home", "Android", "Sdk", "ndk", "27.0.1"), "27.0.1");
});
afterAll(() => rmSync(folder, { recursive: true }));

function ndk(root: string, version: string): void {
  const clang = ndkProgram(root, "clang", "linux");
  mkdirSync(dirname(clang), { recursive: true });
  writeFileSync(clang, "");
  writeFileSync(join(root, "source.properties"), `Pkg.Desc = Android NDK\nPkg.Revision = ${version}\n`);
}

describe("findNdk", () => {
  it("takes the newest complete NDK of the SDK, with its version", () => {
    const newest = { folder: join(sdk, "ndk", "27.2.12479018"), version: "27.2.12479018" };
    expect(findNdk({ ANDROID_HOME: sdk }, "linux")).toEqual(newest);
    expect(findNdk({ ANDROID_SDK_ROOT: sdk }, "linux")).toEqual(newest);
  });

  it("prefers an NDK that is named itself", () => {
    const plain = { folder: join(folder, "plain"), version: "26.3.11579264" };
    expect(findNdk({ ANDROID_NDK_HOME: plain.folder, ANDROID_HOME: sdk }, "linux")).toEqual(plain);
    expect(findNdk({ ANDROID_NDK_ROOT: plain.folder }, "linux")).toEqual(plain);
  });

  it("looks where Android Studio puts its SDK when nothing is named", () => {
    expect(findNdk({ HOME: join(folder, "home") }, "linux")?.version).toBe("27.0.1");
  });

  it("finds none where the compilers are another host's, or nothing is named", () => {
    expect(findNdk({ ANDROID_HOME: sdk }, "darwin")).toBeUndefined();
    expect(findNdk({}, "linux")).toBeUndefined();
  });
});
