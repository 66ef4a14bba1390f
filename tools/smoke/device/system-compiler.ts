// The C compiler that a user of each system has: Xcode's, the NDK's, Visual Studio's libraries under clang, else cc or zig.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../../matrix/target.ts";
import { ToolError } from "../../shared/errors.ts";
import type { CCompiler } from "../c-compiler.ts";

export interface CompilerHost {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How zig is told a target. */
  readonly zigTarget: (target: Target) => readonly string[];
}

/** `cpu` is one of the processors of a file that holds several. */
export function systemCompiler(target: Target, host: CompilerHost, cpu = target.cpu): CCompiler {
  switch (target.family) {
    case "macos":
      return xcode("macosx", ["-arch", appleCpu(cpu), `-mmacosx-version-min=${versionOf(target)}`]);
    case "ios":
      return iosCompiler(target);
    case "android":
      return ndk(target, host);
    case "windows-msvc":
      return { ...named("clang", [`--target=${target.triple}`, "-fms-runtime-lib=dll"]), hasUnixNames: true };
    case "windows-gnullvm":
      return zig(target, host);
    default:
      return named("cc", []);
  }
}

function xcode(sdk: string, args: readonly string[]): CCompiler {
  return { program: "xcrun", args: ["--sdk", sdk, "clang", ...args], name: `clang of Xcode, ${sdk}` };
}

function iosCompiler(target: Target): CCompiler {
  const isSimulator = target.floor.kind === "ios-simulator";
  const triple = `${appleCpu(target.cpu)}-apple-ios${versionOf(target)}${isSimulator ? "-simulator" : ""}`;
  return xcode(isSimulator ? "iphonesimulator" : "iphoneos", [`--target=${triple}`]);
}

function appleCpu(cpu: string): string {
  return cpu === "aarch64" ? "arm64" : cpu;
}

function versionOf({ floor }: Target): string {
  return "version" in floor ? floor.version : "";
}

function ndk(target: Target, { platform, environment }: CompilerHost): CCompiler {
  const folder = environment["ANDROID_NDK_HOME"] ?? environment["ANDROID_NDK_ROOT"];
  const system = { darwin: "darwin-x86_64", win32: "windows-x86_64" }[platform as string] ?? "linux-x86_64";
  const program = folder === undefined ? "" : join(folder, "toolchains/llvm/prebuilt", system, "bin/clang");
  if (!existsSync(platform === "win32" ? `${program}.exe` : program)) throw noNdk(folder);
  const api = target.floor.kind === "android" ? target.floor.api : 0;
  // Rust's name of 32-bit ARM has no "v7a", without which clang means ARMv5.
  const triple = target.triple.replace("armv7-", "armv7a-");
  return { program, args: [`--target=${triple}${api}`], name: "clang of the NDK" };
}

function noNdk(folder: string | undefined): ToolError {
  return new ToolError({
    code: "no-ndk",
    family: "environment",
    message: folder === undefined ? "ANDROID_NDK_HOME is not set" : `${folder} holds no NDK`,
    remedy: 'sdkmanager "ndk;27.2.12479018" and set ANDROID_NDK_HOME to its folder',
  });
}

function zig(target: Target, { platform, zigTarget }: CompilerHost): CCompiler {
  const python = platform === "win32" ? "python" : "python3";
  const args = ["-m", "ziglang", "cc", ...zigTarget(target)];
  return { program: python, args, name: "zig of the Python package" };
}

function named(program: string, args: readonly string[]): CCompiler {
  return { program, args, name: program };
}
