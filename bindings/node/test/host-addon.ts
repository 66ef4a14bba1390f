// Builds the addon of this machine from the checkout (cargo, then the C compiler) and names it; the tests load this file.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { project } from "../../../nnrp.project.ts";

const root = project.root;
const native = join(root, "bindings/node/native");
/** Where the loader looks for a local build. */
const output = join(root, "bindings/node/build/nnrp.node");

/** Extra arguments of the C compiler, and where its result goes, for addons that are wrong on purpose. */
export interface AddonVariant {
  readonly output: string;
  readonly source: string;
}

let built: string | undefined;

/** Path of the addon. By hand: cargo build -p nnrp-ffi, then the command in the head of bindings/node/native/addon.g.c. */
export function hostAddon(): string {
  if (built !== undefined) return built;
  const library = hostLibrary("libnnrp.a");
  const source = join(native, "addon.g.c");
  if (!isNewer(output, [library, source])) compileAddon({ output, source });
  process.env["NNRP_NATIVE_LIBRARY"] = output;
  built = output;
  return output;
}

/** A file that `cargo build -p nnrp-ffi` makes, brought up to date. */
export function hostLibrary(fileName: string): string {
  execFileSync("cargo", ["build", "--quiet", "-p", project.crate.package], { cwd: root, stdio: "inherit" });
  return join(cargoTarget(), "debug", fileName);
}

/** A program of the workspace, brought up to date. */
export function hostProgram(crate: string, name: string): string {
  execFileSync("cargo", ["build", "--quiet", "-p", crate, "--bin", name], { cwd: root, stdio: "inherit" });
  return join(cargoTarget(), "debug", name);
}

/** Compiled under another name and renamed, because test files run at the same time. */
export function compileAddon(variant: AddonVariant): void {
  const unfinished = `${variant.output}.${process.pid}.unfinished`;
  mkdirSync(join(variant.output, ".."), { recursive: true });
  const includes = ["include", "node_modules/node-api-headers/include"].flatMap((folder) => [
    "-I",
    join(root, folder),
  ]);
  const arguments_ = [
    "-std=c11",
    "-O2",
    "-fPIC",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-pedantic",
  ];
  execFileSync(
    process.env["CC"] ?? "cc",
    [...arguments_, "-DNNRP_STATIC", ...includes, ...linkArguments(variant.source), "-o", unfinished],
    { stdio: "inherit" },
  );
  renameSync(unfinished, variant.output);
}

function linkArguments(source: string): string[] {
  const library = join(cargoTarget(), "debug/libnnrp.a");
  if (process.platform === "darwin") {
    const words = ["-bundle", "-undefined", "dynamic_lookup", source, library, "-Wl,-dead_strip"];
    return [...words, `-Wl,-exported_symbols_list,${join(native, "addon.exports")}`];
  }
  const words = [
    "-shared",
    source,
    library,
    "-Wl,-z,nodelete",
    "-Wl,--gc-sections",
    "-lpthread",
    "-ldl",
    "-lm",
  ];
  return [...words, `-Wl,--version-script=${join(native, "addon.map")}`];
}

function cargoTarget(): string {
  return process.env["CARGO_TARGET_DIR"] ?? join(root, "target");
}

function isNewer(file: string, sources: readonly string[]): boolean {
  if (!existsSync(file)) return false;
  const { mtimeMs } = statSync(file);
  return sources.every((source) => statSync(source).mtimeMs < mtimeMs);
}
