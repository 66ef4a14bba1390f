// The tally crate of tests/package as a project and a built artifact of this host, for tests of packing and smoke.
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Artifact, BuiltLibrary } from "../build/artifact.ts";
import { targets } from "../matrix/targets.ts";
import type { Target } from "../matrix/target.ts";
import { systemProcess } from "../shared/process.ts";
import { project as tally } from "../../tests/package/tally/tally.project.ts";
import { readAbiIdentity } from "./abi-identity.ts";
import type { PackageContext } from "./context.ts";
import { sha256Of } from "../shared/digest.ts";

const repository = join(import.meta.dirname, "../..");
const fixtures = join(repository, "tests/package");
/** Sources of programs that use the package. */
export const consumerDirectory = join(fixtures, "consumer");
export const targetDirectory = join(repository, "target/package-tests");

export { tally };

export const host: Target = targetOf(`${process.arch === "arm64" ? "aarch64" : "x86_64"}-unknown-linux-gnu`);

export function targetOf(triple: string): Target {
  const found = targets.find((target) => target.triple === triple);
  if (found === undefined) throw new Error(`no target ${triple}`);
  return found;
}

/** cargo builds the crate with it, and tests compile consumers with it. */
export const compiler = { isPresent: has("cc"), install: "apt-get install gcc g++" };

/** Builds the crate for this host with cargo's own linker, and the addon with cc. */
export function buildTally(): Artifact {
  const manifest = join(tally.root, "Cargo.toml");
  const link = ["--", "-Clink-arg=-Wl,-soname,libtally.so"];
  const args = [
    "rustc",
    "--lib",
    "--release",
    "--locked",
    "--target-dir",
    targetDirectory,
    "--manifest-path",
    manifest,
  ];
  execFileSync("cargo", [...args, ...link], { stdio: ["ignore", "ignore", "pipe"] });
  const directory = join(targetDirectory, "release");
  compileAddon(directory);
  return {
    target: host,
    directory,
    libraries: [
      builtLibrary("dynamic", directory, "libtally.so"),
      builtLibrary("static", directory, "libtally.a"),
      builtLibrary("addon", directory, "tally.node"),
    ],
    provenance: {
      rustc: "rustc 1.95.0",
      std: "installed",
      linker: "cc",
      cCompiler: "cc",
      sysroot: "host",
      profile: "release",
      gitCommit: "0".repeat(40),
      nativeStaticLibraries,
    },
  };
}

const nativeStaticLibraries = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"];

/** Under a name of its own first: test files run side by side and read the result. */
function compileAddon(directory: string): void {
  const output = join(directory, "tally.node");
  const unfinished = `${output}.${process.pid}`;
  const include = [join(repository, "node_modules/node-api-headers/include"), join(tally.root, "include")];
  const inputs = [join(tally.root, "node/native/addon.c"), join(directory, "libtally.a")];
  const flags = ["-shared", "-fPIC", "-O1", ...include.map((path) => `-I${path}`)];
  execFileSync("cc", [...flags, "-o", unfinished, ...inputs, ...nativeStaticLibraries]);
  renameSync(unfinished, output);
}

export async function packageContext(packagesDirectory: string): Promise<PackageContext> {
  return {
    project: tally,
    process: systemProcess,
    packagesDirectory,
    sourceDateEpoch: 1_700_000_000,
    abi: await readAbiIdentity(tally),
  };
}

export function builtLibrary(kind: BuiltLibrary["kind"], directory: string, fileName: string): BuiltLibrary {
  const path = join(directory, fileName);
  const bytes = readFileSync(path);
  return { kind, path, fileName, bytes: bytes.length, sha256: sha256Of(bytes) };
}

/** Whether a program is on PATH. */
export function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
