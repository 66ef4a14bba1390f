// What all builds of a run have in common: the sources, the commit, the crates of the lock file, Node's headers.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Folders } from "../matrix/folders.ts";
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { sourceDigest } from "./content-key.ts";
import type { BuildSettings } from "./plan.ts";

export interface BuildInputs extends Pick<BuildSettings, "gitCommit" | "cargoSources" | "nodeApiHeaders"> {
  /** Digest of all sources. */
  readonly sources: string;
}

export async function gatherInputs(
  project: Project,
  folders: Folders,
  process: Process,
): Promise<BuildInputs> {
  const [sources, gitCommit, cargo] = await Promise.all([
    sourceDigest(project, folders, process),
    currentCommit(project, process),
    cargoSources(),
  ]);
  return { sources, gitCommit, cargoSources: cargo, nodeApiHeaders: nodeApiHeaders(project) };
}

export interface FetchContext {
  readonly process: Process;
  readonly offline: boolean;
  readonly signal?: AbortSignal;
}

/**
 * All crates of the lock file at once: builds side by side then never wait for each other's downloads. Resolves with
 * `cargoSources`, which are complete only now.
 */
export async function fetchCrates(project: Project, context: FetchContext): Promise<readonly string[]> {
  const crates = [project.crate, ...(project.wasm === undefined ? [] : [project.wasm])];
  for (const manifest of new Set(crates.map((crate) => join(project.root, crate.manifest))))
    await fetchCratesOf(manifest, project, context);
  return cargoSources();
}

async function fetchCratesOf(
  manifest: string,
  project: Project,
  { process, offline, signal }: FetchContext,
): Promise<void> {
  const args = ["fetch", "--locked", ...(offline ? ["--offline"] : []), "--manifest-path", manifest];
  const options = signal === undefined ? {} : { signal };
  const exit = await process.run({ program: "cargo", args, cwd: project.root }, options);
  if (exit.code === 0) return;
  if (offline) throw notInCache(manifest, exit.stderr);
  throw new ToolError({
    code: "crates-not-fetched",
    family: "finding",
    message: `cargo ${args.join(" ")} failed:\n${exit.stderr.trim()}`,
    remedy: `cargo update --workspace in ${project.root} if a manifest has changed`,
  });
}

/** cargo's first line names the first crate that it lacks. */
function notInCache(manifest: string, stderr: string): ToolError {
  const [first = ""] = stderr.split("\n").filter((line) => line.startsWith("error: "));
  const what = first.replace("error: ", "");
  return new ToolError({
    code: "crates-not-fetched",
    family: "environment",
    message: `--offline forbids fetching the crates of Cargo.lock that cargo's cache lacks: ${what}`,
    remedy: `cargo fetch --locked --manifest-path ${manifest} (once, with a network)`,
  });
}

/** cargo's home and the folder of each registry in it. */
async function cargoSources(): Promise<string[]> {
  const home = globalThis.process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  const sources = join(home, "registry", "src");
  const registries = await readdir(sources).catch(() => [] as string[]);
  return [home, ...registries.sort().map((name) => join(sources, name))];
}

/** Headers of Node's C interface; undefined where the project has no addon. */
function nodeApiHeaders(project: Project): string | undefined {
  if (!existsSync(join(project.root, project.generated.nodeAddon))) return undefined;
  return dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json"));
}

export async function currentCommit(project: Project, process: Process): Promise<string> {
  const exit = await process.run({ program: "git", args: ["-C", project.root, "rev-parse", "HEAD"] });
  return exit.code === 0 ? exit.stdout.trim() : "unknown";
}
