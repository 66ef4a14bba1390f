// Facts about simulators and devices: what they are asked, and a whole run over a stand-in for adb that keeps its own files.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targets } from "../../matrix/targets.ts";
import type { Target } from "../../matrix/target.ts";
import { packageTarget } from "../../package/package-target.ts";
import type { PackageFile } from "../../package/package.ts";
import {
  buildTally,
  compiler,
  host,
  packageContext,
  tally,
  targetDirectory,
} from "../../package/tally-fixture.ts";
import { systemProcess } from "../../shared/process.ts";
import { buildPeer } from "../peer.ts";
import { smokeTarget } from "../smoke-target.ts";
import { failuresOf } from "../verification.ts";
import { androidDevice } from "./android.ts";
import { bootedNames } from "./ios-simulator.ts";
import { packagedTarget } from "./packaged-target.ts";
import { systemCompiler } from "./system-compiler.ts";

const bare = { platform: "darwin", environment: {}, zigTarget: () => ["-target", "x"] } as const;

it("the booted simulator is named with its system, of what simctl lists", () => {
  const runtime = "com.apple.CoreSimulator.SimRuntime.iOS-18-2";
  const listed = { devices: { [runtime]: [{ name: "iPhone 16", state: "Booted" }], other: [] } };
  expect(bootedNames(JSON.stringify(listed))).toEqual(["iPhone 16, iOS-18-2"]);
});

it("each platform's compiler is asked for the oldest system that the target claims", () => {
  const words = (triple: string, cpu?: string): string => {
    const { program, args } = systemCompiler(targetOf(triple), bare, cpu);
    return [program, ...args].join(" ");
  };
  expect(words("universal-apple-darwin", "aarch64")).toBe(
    "xcrun --sdk macosx clang -arch arm64 -mmacosx-version-min=10.12",
  );
  expect(words("aarch64-apple-ios-sim")).toBe(
    "xcrun --sdk iphonesimulator clang --target=arm64-apple-ios14.0-simulator",
  );
  expect(words("aarch64-apple-ios")).toBe("xcrun --sdk iphoneos clang --target=arm64-apple-ios13.0");
  expect(words("x86_64-pc-windows-msvc")).toBe("clang --target=x86_64-pc-windows-msvc -fms-runtime-lib=dll");
  expect(words("x86_64-pc-windows-gnullvm")).toBe("python3 -m ziglang cc -target x");
  expect(() => words("aarch64-linux-android")).toThrow(/ANDROID_NDK_HOME is not set/);
});

it("the NDK's clang gets the API level, and ARMv7 by its own name", () => {
  const ndk = mkdtempSync(join(tmpdir(), "ndk-"));
  const bin = join(ndk, "toolchains/llvm/prebuilt/linux-x86_64/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "clang"), "");
  const environment = { ANDROID_NDK_HOME: ndk };
  const clang = systemCompiler(targetOf("armv7-linux-androideabi"), {
    ...bare,
    platform: "linux",
    environment,
  });
  expect(clang).toMatchObject({
    program: join(bin, "clang"),
    args: ["--target=armv7a-linux-androideabi24"],
  });
  rmSync(ndk, { recursive: true });
});

describe.skipIf(!compiler.isPresent)(`a packed archive (${compiler.install})`, () => {
  let folder: string;
  let archive: PackageFile;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "device-test-"));
    const packages = await packageTarget(buildTally(), await packageContext(join(folder, "packages")));
    archive = packages.find(({ kind }) => kind === "archive") ?? fail("no archive");
    // cargo may wait for another test's build of the same crate.
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it("says by its manifest what it is and what its users link besides", async () => {
    const packaged = await packagedTarget(archive.path, targets);
    expect(packaged.target.triple).toBe(host.triple);
    expect(packaged.archive.sha256).toBe(archive.sha256);
    expect(packaged.nativeStaticLibraries.join(" ")).toContain("-lpthread");
    const other = join(folder, "other.tar.gz");
    writeFileSync(other, "nothing");
    await expect(packagedTarget(other, targets)).rejects.toMatchObject({ code: "no-package" });
  });

  it("runs on a device behind adb: with the library that was pushed, and with a report that says so", async () => {
    const adb = standInForAdb(join(folder, "device"));
    const peerProgram = join(folder, "tally-peer");
    copyFileSync(await buildPeer(tally, systemProcess, { targetDirectory }), peerProgram);
    const { nativeStaticLibraries } = await packagedTarget(archive.path, targets);
    const verification = await smokeTarget({
      project: { ...tally, smoke: { ...tally.smoke, scenario: "smoke/pass.json" } },
      process: systemProcess,
      target: host,
      directory: folder,
      packages: [archive],
      peerProgram,
      cCompiler: { program: "cc", args: [], name: "cc" },
      nativeStaticLibraries,
      cacheDirectory: join(folder, "cache"),
      places: [],
      offline: true,
      device: await androidDevice(systemProcess, adb),
    });
    expect(failuresOf(verification)).toEqual([]);
    const [dynamic] = verification.runs;
    expect(dynamic).toMatchObject({ claim: "emulated", runner: "Android 14 emulator (x86_64)", passed: 1 });
    expect(dynamic?.library?.path).toMatch(/lib\/libtally\.so$/);
    expect(dynamic?.argv.join(" ")).toMatch(/shell env LD_LIBRARY_PATH=\/data\/local\/tmp\/smoke-\d+ /);
  });
});

/** Its files are in a folder of this machine, and its programs run on this processor; everything else is as adb does it. */
function standInForAdb(root: string): string {
  mkdirSync(join(root, "data/local/tmp"), { recursive: true });
  const path = join(root, "adb");
  writeFileSync(path, adbScript(root));
  chmodSync(path, 0o755);
  return path;
}

function adbScript(root: string): string {
  return `#!/bin/sh
root='${root}'
case "$1 $2" in
"shell getprop")
  case "$3" in
  ro.kernel.qemu) echo 1 ;;
  ro.build.version.release) echo 14 ;;
  *) echo x86_64 ;;
  esac ;;
shell*)
  shift
  line=$(printf '%s' "$*" | sed "s#/data/#$root/data/#g")
  out=$(sh -c "$line")
  code=$?
  printf '%s\\n' "$out" | sed "s#$root##g"
  exit $code ;;
push*) cp "$2" "$root$3" ;;
reverse*) ;;
*) echo "adb: unknown command $1" >&2; exit 1 ;;
esac
`;
}

function targetOf(triple: string): Target {
  return targets.find((item) => item.triple === triple) ?? fail(triple);
}

function fail(what: string): never {
  throw new Error(what);
}
