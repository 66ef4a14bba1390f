// Which NDK is taken, in folders laid out as sdkmanager and the plain archive lay them out.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNdk, ndkTools } from "./android.ts";

let folder: string;
let sdk: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ndk-"));
  sdk = join(folder, "sdk");
  for (const version of ["9.9.9", "25.2.9519653", "27.2.12479018"]) ndk(join(sdk, "ndk", version));
  // A download that was broken off: newest, but without compilers.
  mkdirSync(join(sdk, "ndk", "28.0.1"));
  ndk(join(folder, "plain"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function ndk(root: string): void {
  mkdirSync(ndkTools(root, "linux"), { recursive: true });
}

describe("findNdk", () => {
  it("takes the newest complete NDK of the SDK", () => {
    const newest = join(sdk, "ndk", "27.2.12479018");
    expect(findNdk({ ANDROID_HOME: sdk }, "linux")).toBe(newest);
    expect(findNdk({ ANDROID_SDK_ROOT: sdk }, "linux")).toBe(newest);
  });

  it("prefers an NDK that is named itself", () => {
    const plain = join(folder, "plain");
    expect(findNdk({ ANDROID_NDK_HOME: plain, ANDROID_HOME: sdk }, "linux")).toBe(plain);
  });

  it("finds none where the compilers are another host's, or nothing is named", () => {
    expect(findNdk({ ANDROID_HOME: sdk }, "darwin")).toBeUndefined();
    expect(findNdk({}, "linux")).toBeUndefined();
  });
});
