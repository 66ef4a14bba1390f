// Builds what the call benchmark compares: the release library, our addon and the hand-written one, both on that library.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { project } from "../../../nnrp.project.ts";

const here = import.meta.dirname;

export interface BenchFiles {
  /** The shared library that all four ways call. */
  readonly library: string;
  readonly addon: string;
  readonly direct: string;
}

export function buildBenchFiles(): BenchFiles {
  const library = process.env["NNRP_BENCH_LIBRARY"] ?? releaseLibrary();
  const folder = join(here, "../build");
  mkdirSync(folder, { recursive: true });
  const addon = join(folder, "bench-addon.node");
  const direct = join(folder, "bench-direct.node");
  compile(join(here, "../native/addon.g.c"), library, addon);
  compile(join(here, "direct.c"), library, direct);
  return { library, addon, direct };
}

function releaseLibrary(): string {
  execFileSync("cargo", ["build", "--quiet", "--release", "-p", project.crate.package], {
    cwd: project.root,
    stdio: ["ignore", 2, 2],
  });
  const target = process.env["CARGO_TARGET_DIR"] ?? join(project.root, "target");
  const suffix = process.platform === "darwin" ? "dylib" : "so";
  return join(target, "release", `lib${project.crate.library}.${suffix}`);
}

function compile(source: string, library: string, output: string): void {
  const includes = [project.headers.includeDirectory, "node_modules/node-api-headers/include"];
  const shared =
    process.platform === "darwin"
      ? ["-bundle", "-undefined", "dynamic_lookup"]
      : ["-shared", "-Wl,-z,nodelete"];
  const words = [
    ...["-std=c11", "-O2", "-fPIC", "-fvisibility=hidden", ...shared],
    ...includes.flatMap((folder) => ["-I", join(project.root, folder)]),
    ...[source, library, `-Wl,-rpath,${dirname(library)}`, "-o", output],
  ];
  execFileSync(process.env["CC"] ?? "cc", words, { stdio: ["ignore", 2, 2] });
}
