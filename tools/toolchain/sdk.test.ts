// Real SDKs: found in the folders in which they lie, explained, used by the plan, and named in what is built with them.
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import { ndkProgram, findNdk } from "./android-ndk.ts";
import { findAppleSdk } from "./apple-sdk.ts";
import { linuxBox } from "./fixtures.ts";
import { findMicrosoftSdk } from "./microsoft-sdk.ts";
import { describeToolchain, planToolchain } from "./plan.ts";
import {
  osxcrossTree,
  probeOf,
  visualStudioTree,
  vswhereTree,
  writeTree,
  xcrunScript,
  xwinTree,
} from "./sdk-fixtures.ts";
import { surveyTargets, type SurveyRow } from "./survey.ts";
import type { HostFacts, ToolchainPlan } from "./toolchain.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sdk-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function plan(triple: string, facts: Partial<HostFacts>): ToolchainPlan {
  const target = targets.find((row) => row.triple === triple);
  if (target === undefined) throw new Error(triple);
  const answer = planToolchain(target, { ...linuxBox, ...facts });
  if (answer.kind !== "supported") throw new Error(answer.reason);
  return answer;
}

function survey(triple: string, facts: Partial<HostFacts>): SurveyRow {
  const [row] = surveyTargets(
    targets.filter((target) => target.triple === triple),
    { ...linuxBox, ...facts },
  );
  if (row === undefined) throw new Error(triple);
  return row;
}

const foundIn = ({ found }: SurveyRow): string[] => found.map(({ what, version }) => `${what} ${version}`);
const optionalIn = ({ missing }: SurveyRow): string[] =>
  missing.filter(({ effect }) => effect === "optional").map(({ what }) => what);

describe("an Android NDK", () => {
  it("compiles and links the Android targets", () => {
    const clang = ndkProgram(folder, "clang", "linux");
    writeTree("/", { [clang]: "#!/bin/sh\n" });
    writeTree(folder, { "source.properties": "Pkg.Revision = 27.2.12479018\n" });
    const androidNdk = findNdk({ ANDROID_NDK_ROOT: folder }, "linux");
    const built = plan("armv7-linux-androideabi", { androidNdk });
    expect(built).toMatchObject({ sysroot: "sdk", usesZig: false, linker: "lld of NDK 27.2.12479018" });
    expect(built.compiler).toMatchObject({
      program: clang,
      before: ["--target=armv7a-linux-androideabi24"],
    });
    expect(built.archiver?.program).toBe(ndkProgram(folder, "llvm-ar", "linux"));
    const row = survey("armv7-linux-androideabi", { androidNdk });
    expect(foundIn(row)).toContain(`Android NDK 27.2.12479018 (${folder})`);
    expect(optionalIn(row)).toEqual([]);
  });
});

describe("Xcode", () => {
  const onMac = { platform: "darwin", triple: "aarch64-apple-darwin" } as const;

  it("builds for macOS, iOS and the simulator, with the versions that xcrun tells", async () => {
    const versions = { macosx: "15.2", iphoneos: "18.2", iphonesimulator: "18.2" };
    writeTree(folder, { xcrun: xcrunScript(versions) });
    const appleSdk = await findAppleSdk(probeOf(folder), {}, "darwin");
    expect(appleSdk).toEqual({ kind: "xcode", versions });
    const names = ["aarch64-apple-darwin", "aarch64-apple-ios", "x86_64-apple-ios", "universal-apple-darwin"];
    for (const triple of names) expect(plan(triple, { ...onMac, appleSdk }).sysroot).toBe("sdk");
    expect(plan("aarch64-apple-ios", { ...onMac, appleSdk }).linker).toBe("ld of Xcode (iphoneos 18.2)");
    const row = survey("aarch64-apple-darwin", { ...onMac, appleSdk });
    expect(foundIn(row)).toContain("Xcode macosx 15.2, iphoneos 18.2, iphonesimulator 18.2");
    expect(optionalIn(row)).toEqual([]);
  });

  it("without its iOS part builds for macOS alone, and the rest over stubs", async () => {
    writeTree(folder, { xcrun: xcrunScript({ macosx: "15.2" }) });
    const appleSdk = await findAppleSdk(probeOf(folder), {}, "darwin");
    expect(plan("aarch64-apple-darwin", { ...onMac, appleSdk }).sysroot).toBe("sdk");
    expect(plan("aarch64-apple-ios", { ...onMac, appleSdk }).sysroot).toBe("stub");
    expect(optionalIn(survey("aarch64-apple-ios", { ...onMac, appleSdk }))).toEqual(["iOS SDK"]);
  });

  it("is none where xcrun fails, as it does before a licence is accepted", async () => {
    writeTree(folder, { xcrun: "#!/bin/sh\nexit 69\n" });
    expect(await findAppleSdk(probeOf(folder), {}, "darwin")).toBeUndefined();
  });
});

describe("osxcross", () => {
  it("is found on PATH and below OSXCROSS_ROOT, and links the macOS targets with its SDK", async () => {
    osxcrossTree(folder, ["x86_64", "arm64"]);
    const bin = join(folder, "target", "bin");
    const appleSdk = await findAppleSdk(probeOf(bin), {}, "linux");
    expect(await findAppleSdk(probeOf(folder), { OSXCROSS_ROOT: folder }, "linux")).toEqual(appleSdk);
    const built = plan("aarch64-apple-darwin", { appleSdk });
    expect(built).toMatchObject({ sysroot: "sdk", usesZig: false, linker: "ld of osxcross (macosx 14.2)" });
    expect(built.compiler?.program).toBe(join(bin, "arm64-apple-darwin23.2-clang"));
    expect(built.environment).toMatchObject({
      SDKROOT: join(folder, "target", "SDK", "MacOSX14.2.sdk"),
      MACOSX_DEPLOYMENT_TARGET: "11.0",
    });
    expect(plan("universal-apple-darwin", { appleSdk }).sysroot).toBe("sdk");
    const row = survey("x86_64-apple-darwin", { appleSdk });
    expect(foundIn(row)).toContain(
      `macOS SDK of osxcross 14.2 (${join(folder, "target", "SDK", "MacOSX14.2.sdk")})`,
    );
    expect(optionalIn(row)).toEqual([]);
  });

  it("of an SDK without arm64 leaves that processor to the stubs, and the universal library with it", async () => {
    osxcrossTree(folder, ["x86_64"]);
    const appleSdk = await findAppleSdk(probeOf(join(folder, "target", "bin")), {}, "linux");
    expect(plan("x86_64-apple-darwin", { appleSdk }).sysroot).toBe("sdk");
    expect(plan("aarch64-apple-darwin", { appleSdk }).sysroot).toBe("stub");
    expect(plan("universal-apple-darwin", { appleSdk }).sysroot).toBe("stub");
    expect(plan("aarch64-apple-ios", { appleSdk }).sysroot).toBe("stub");
  });
});

describe("Visual Studio", () => {
  const onWindows = { platform: "win32", triple: "x86_64-pc-windows-gnullvm" } as const;

  it("is found through vswhere, without a developer prompt", async () => {
    const installed = join(folder, "2022");
    visualStudioTree(installed, "14.41.34120", ["x64", "x86"]);
    vswhereTree(join(folder, "Program Files (x86)"), [join(folder, "gone"), installed]);
    const environment = { "ProgramFiles(x86)": join(folder, "Program Files (x86)") };
    const microsoftSdk = await findMicrosoftSdk(probeOf(folder), environment, "win32");
    expect(microsoftSdk).toMatchObject({ kind: "visual-studio", version: "14.41.34120" });
    const built = plan("x86_64-pc-windows-msvc", { ...onWindows, microsoftSdk });
    expect(built).toMatchObject({ sysroot: "sdk", usesZig: false });
    expect(built.target.libraries).toEqual(["dynamic", "static"]);
    expect(describeToolchain(built, linuxBox)).toContain("link.exe 14.41.34120 of Visual Studio");
    expect(optionalIn(survey("i686-pc-windows-msvc", { ...onWindows, microsoftSdk }))).toEqual([]);
    const arm = plan("aarch64-pc-windows-msvc", { ...onWindows, microsoftSdk });
    expect(arm.target.libraries).toEqual(["static"]);
    expect(arm.limit).toContain("has no libraries for aarch64");
  });

  it("of a developer prompt is the prompt's own", async () => {
    visualStudioTree(folder, "14.29.30133", ["x64"]);
    const environment = { VCINSTALLDIR: join(folder, "VC"), VCToolsVersion: "14.29.30133" };
    const found = await findMicrosoftSdk(probeOf(folder), environment, "win32");
    expect(found).toMatchObject({ version: "14.29.30133", cpus: ["x86_64"] });
  });

  it("is none where vswhere is missing or speaks of nothing", async () => {
    const environment = { "ProgramFiles(x86)": folder };
    expect(await findMicrosoftSdk(probeOf(folder), environment, "win32")).toBeUndefined();
    writeTree(folder, { "Microsoft Visual Studio/Installer/vswhere.exe": "#!/bin/sh\necho no JSON\n" });
    expect(await findMicrosoftSdk(probeOf(folder), environment, "win32")).toBeUndefined();
  });
});

describe("what xwin has laid out", () => {
  it("is found where cargo-xwin keeps it and where the environment names it", async () => {
    xwinTree(join(folder, ".cache", "cargo-xwin", "xwin"), ["x86_64"]);
    xwinTree(join(folder, "elsewhere", "splat"), ["aarch64"]);
    const find = (environment: Record<string, string>): ReturnType<typeof findMicrosoftSdk> =>
      findMicrosoftSdk(probeOf(folder), environment, "linux");
    expect(await find({ HOME: folder })).toMatchObject({ kind: "xwin", version: "14.41.34120" });
    expect(await find({ XDG_CACHE_HOME: join(folder, ".cache") })).toMatchObject({ kind: "xwin" });
    const named = await find({ HOME: folder, XWIN_CACHE_DIR: join(folder, "elsewhere") });
    expect(named).toMatchObject({ folder: join(folder, "elsewhere", "splat") });
  });

  it("gives the MSVC targets their DLLs, for the processors that are there", async () => {
    const sdk = join(folder, "cargo-xwin", "xwin");
    xwinTree(sdk, ["x86_64", "x86"]);
    const microsoftSdk = await findMicrosoftSdk(probeOf(folder), { XDG_CACHE_HOME: folder }, "linux");
    const built = plan("i686-pc-windows-msvc", { microsoftSdk });
    expect(built.target.libraries).toEqual(["dynamic", "static"]);
    expect([built.sysroot, built.limit]).toEqual(["sdk", undefined]);
    expect(built.linker).toBe("rust-lld of rustc 1.95.0 over Microsoft's C runtime 14.41.34120");
    expect(built.lld?.after).toContain(`/libpath:${join(sdk, "crt", "lib", "x86")}`);
    expect(built.compiler?.before).toContain(join(sdk, "sdk", "include", "ucrt"));
    expect(optionalIn(survey("i686-pc-windows-msvc", { microsoftSdk }))).toEqual([]);
    const arm = survey("aarch64-pc-windows-msvc", { microsoftSdk });
    expect(optionalIn(arm)).toEqual(["Microsoft's C runtime and Windows SDK"]);
  });

  it("is not used before it is complete", async () => {
    xwinTree(folder, ["x86_64"]);
    rmSync(join(folder, "sdk", "lib", "ucrt"), { recursive: true });
    expect(await findMicrosoftSdk(probeOf(folder), { XWIN_CACHE: folder }, "linux")).toBeUndefined();
    mkdirSync(join(folder, "sdk", "lib", "ucrt", "x86_64"), { recursive: true });
    expect(await findMicrosoftSdk(probeOf(folder), { XWIN_CACHE: folder }, "linux")).toBeUndefined();
  });
});
