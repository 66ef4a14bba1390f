// Finds and loads the native library, and refuses one that does not fit; every refusal says what was tried and what to do.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NnrpLoadError } from "./errors.ts";
import { Library } from "./library.ts";
import { abi, type NativeAddon } from "./native/addon.g.ts";
import { currentPlatform, platformPackage } from "./platform.ts";

const rootPackage = "@nnrp/native";
const fileName = "nnrp.node";
const requireFrom = createRequire(import.meta.url);
const loaded = new Map<string, Library>();

/** Where a library may be, in the order of preference. */
interface Candidate {
  readonly from: string;
  /** The file, or why there is none. */
  readonly path: string | undefined;
  readonly reason?: string;
}

/** The library of this process; `path` names a file explicitly, else the environment variable NNRP_NATIVE_LIBRARY may. */
export function loadLibrary(path?: string): Library {
  const tried: string[] = [];
  for (const candidate of candidates(path)) {
    if (candidate.path === undefined) {
      tried.push(`${candidate.from}: ${candidate.reason ?? "not there"}`);
      continue;
    }
    const known = loaded.get(candidate.path);
    if (known !== undefined) return known;
    try {
      const library = open(candidate.path);
      loaded.set(candidate.path, library);
      return library;
    } catch (error) {
      // A library that does not fit is a mix of versions: going on to the next one would hide it.
      if (error instanceof NnrpLoadError) throw error;
      tried.push(`${candidate.from}: ${candidate.path}: ${firstLine(error)}`);
    }
  }
  throw notFound(tried);
}

function candidates(path: string | undefined): Candidate[] {
  if (path !== undefined) return [named("the option nativeLibrary", path)];
  const variable = process.env["NNRP_NATIVE_LIBRARY"];
  if (variable !== undefined && variable !== "") return [named("NNRP_NATIVE_LIBRARY", variable)];
  return [installed(), local("../build/nnrp.node"), local("../build/Release/nnrp.node")];
}

function named(from: string, path: string): Candidate {
  const file = isAbsolute(path) ? path : resolve(path);
  return existsSync(file) ? { from, path: file } : { from, path: undefined, reason: `${file}: no such file` };
}

function installed(): Candidate {
  const name = platformPackage(rootPackage, currentPlatform());
  try {
    return { from: name, path: requireFrom.resolve(`${name}/${fileName}`) };
  } catch {
    return { from: name, path: undefined, reason: "the package is not installed" };
  }
}

function local(relative: string): Candidate {
  const path = fileURLToPath(new URL(relative, import.meta.url));
  return existsSync(path)
    ? { from: "local build", path }
    : { from: "local build", path: undefined, reason: `${path}: no such file` };
}

function open(path: string): Library {
  const addon = requireFrom(path) as NativeAddon;
  checkFit(addon, path);
  return new Library(addon, path);
}

/** Parts of one package carry one hash; the library may be newer as long as what this module knows has not changed. */
function checkFit(addon: NativeAddon, path: string): void {
  if (typeof addon.abiVersion !== "function") {
    throw new NnrpLoadError(
      `${path} is a Node-API addon, but not the one of ${rootPackage}; remove it or name another file`,
      {
        code: "NNRP_LOAD_FOREIGN_ADDON",
      },
    );
  }
  const version = addon.abiVersion();
  const hash = addon.abiHashAt(abi.minor);
  const fits = version >>> 16 === abi.major && ((version >>> 8) & 0xff) >= abi.minor && hash === abi.hash;
  if (fits && addon.modelHash === abi.hash) return;
  throw new NnrpLoadError(mismatch(addon, path, hash), { code: "NNRP_LOAD_ABI_MISMATCH" });
}

function mismatch(addon: NativeAddon, path: string, hash: string | null): string {
  const own = fileURLToPath(import.meta.url);
  return [
    "the native library does not fit this package:",
    `  this module   ABI ${versionText(abi.version)}, hash ${abi.hash}, ${own}`,
    `  addon         ABI ${versionText(addon.modelVersion)}, hash ${addon.modelHash}, ${path}`,
    `  library in it ABI ${versionText(addon.abiVersion())}, hash ${hash ?? "none for this minor version"}, ${path}`,
    `install the same version of ${rootPackage} and its platform package, e.g.: npm install ${rootPackage}@latest`,
  ].join("\n");
}

function notFound(tried: readonly string[]): NnrpLoadError {
  const name = platformPackage(rootPackage, currentPlatform());
  return new NnrpLoadError(
    [
      `no native library for ${process.platform} ${process.arch} could be loaded; tried:`,
      ...tried.map((line) => `  ${line}`),
      `install it: npm install ${name}   (npm skips optional dependencies with --omit=optional or a lockfile of another platform)`,
      `or build it from an unpacked C package: npx node-gyp rebuild --nnrp_dir=<its folder>   (in ${packageFolder()})`,
      "or name a file in NNRP_NATIVE_LIBRARY",
    ].join("\n"),
    { code: "NNRP_LOAD_NOT_FOUND" },
  );
}

function packageFolder(): string {
  return fileURLToPath(new URL("..", import.meta.url));
}

function versionText(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
