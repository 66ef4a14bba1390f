// Finds an Android NDK: the one that the environment names, else the newest of an SDK.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AndroidNdk } from "./sdk.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined unless its compilers for this host are there: a broken download is none. */
export function findNdk(environment: Environment, platform: NodeJS.Platform): AndroidNdk | undefined {
  const named = [environment["ANDROID_NDK_HOME"], environment["ANDROID_NDK_ROOT"]];
  const candidates = [...named, ...sdkFolders(environment, platform).flatMap(ndksOf)];
  const folder = candidates.find(
    (ndk) => ndk !== undefined && existsSync(ndkProgram(ndk, "clang", platform)),
  );
  return folder === undefined ? undefined : { folder, version: versionOf(folder) };
}

/** Those of the environment, then where Android Studio puts one. */
function sdkFolders(environment: Environment, platform: NodeJS.Platform): string[] {
  const { HOME, LOCALAPPDATA } = environment;
  const usual = {
    linux: HOME === undefined ? undefined : join(HOME, "Android", "Sdk"),
    darwin: HOME === undefined ? undefined : join(HOME, "Library", "Android", "sdk"),
    win32: LOCALAPPDATA === undefined ? undefined : join(LOCALAPPDATA, "Android", "Sdk"),
  } as Partial<Record<NodeJS.Platform, string | undefined>>;
  const folders = [environment["ANDROID_HOME"], environment["ANDROID_SDK_ROOT"], usual[platform]];
  return folders.filter((folder) => folder !== undefined);
}

/** sdkmanager keeps NDKs side by side, each in a folder that is called by its version. */
function ndksOf(sdk: string): string[] {
  const folder = join(sdk, "ndk");
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions
    .sort((left, right) => right.localeCompare(left, "en", { numeric: true }))
    .map((version) => join(folder, version));
}

function versionOf(ndk: string): string {
  const file = join(ndk, "source.properties");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return /^Pkg\.Revision\s*=\s*(\S+)/m.exec(text)?.[1] ?? "";
}

/** One of the NDK's programs for this host. */
export function ndkProgram(ndk: string, name: string, platform: NodeJS.Platform): string {
  const hosts: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "darwin-x86_64",
    win32: "windows-x86_64",
  };
  const program = platform === "win32" ? `${name}.exe` : name;
  return join(ndk, "toolchains", "llvm", "prebuilt", hosts[platform] ?? "linux-x86_64", "bin", program);
}
