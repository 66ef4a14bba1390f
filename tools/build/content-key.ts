// The hash of everything a build depends on; equal keys mean that the same build would be made again.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { sha256Of } from "../shared/digest.ts";
import { ToolError } from "../shared/errors.ts";
import type { Folders } from "../matrix/folders.ts";
import type { Process } from "../shared/process.ts";
import type { Crate, Project } from "../shared/project.ts";
import type { HostFacts, ToolchainPlan } from "../toolchain/toolchain.ts";
import type { BuildPlan } from "./plan.ts";

/** Digest of all sources: crates with their local dependencies, lock and toolchain files, headers, the addon. */
export async function sourceDigest(project: Project, folders: Folders, process: Process): Promise<string> {
  const crates = [project.crate, ...(project.wasm === undefined ? [] : [project.wasm])];
  const inputs = [
    ...(await Promise.all(crates.map((crate) => localCrates(crate, project, process)))).flat(),
    join(project.root, project.headers.includeDirectory),
    dirname(join(project.root, project.generated.nodeAddon)),
  ];
  const rootFiles = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"];
  const files = [
    ...(await Promise.all(inputs.map((folder) => filesBelow(folder, folders.artifacts)))).flat(),
    ...rootFiles.map((name) => join(project.root, name)),
  ];
  const hash = createHash("sha256");
  const sorted = [...new Set(files)].sort();
  const contents = await Promise.all(sorted.map((file) => readFile(file).catch(() => undefined)));
  for (const [index, file] of sorted.entries()) {
    const content = contents[index];
    if (content === undefined) continue;
    hash.update(`${relative(project.root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

export function contentKey(
  sources: string,
  toolchain: ToolchainPlan,
  plan: BuildPlan,
  facts: HostFacts,
): string {
  const { compiler, archiver, lld, generated } = toolchain;
  const tools = { compiler, archiver, lld, generated: generated.map(({ directory }) => directory) };
  const { cargo, addon, outputs, std } = plan;
  const versions = {
    rust: (std === "distribution" ? facts.distribution : facts.rust)?.version,
    zig: toolchain.usesZig ? facts.zig.version : undefined,
    // An SDK is brought up to date in its folder.
    ...{ linker: toolchain.linker, cCompiler: toolchain.cCompiler, sysroot: toolchain.sysroot },
  };
  // How many processes share the work says nothing about the result.
  const args = cargo.args.filter((_, index) => cargo.args[index - 1] !== "--jobs");
  // What rustup has just added is what stands there installed the next time.
  const origin = std === "rustup" ? "installed" : std;
  const content = { sources, tools, versions, std: origin, addon, outputs, cargo: { ...cargo, args } };
  return sha256Of(JSON.stringify(content));
}

interface CargoMetadata {
  readonly packages: readonly {
    readonly name: string;
    readonly manifest_path: string;
    readonly dependencies: readonly { readonly path?: string; readonly kind: string | null }[];
  }[];
}

/** Folders of the crate and of the crates of this workspace that it is built from. */
async function localCrates(crate: Crate, project: Project, process: Process): Promise<string[]> {
  const manifest = join(project.root, crate.manifest);
  const args = ["metadata", "--no-deps", "--format-version", "1", "--offline", "--manifest-path", manifest];
  const exit = await process.run({ program: "cargo", args, cwd: project.root });
  if (exit.code !== 0) throw unreadableWorkspace(manifest, exit.stderr);
  const { packages } = JSON.parse(exit.stdout) as CargoMetadata;
  const found = new Set<string>();
  const visit = (folder: string): void => {
    if (found.has(folder)) return;
    found.add(folder);
    const own = packages.find(({ manifest_path }) => dirname(manifest_path) === folder);
    for (const { path, kind } of own?.dependencies ?? [])
      if (path !== undefined && kind !== "dev") visit(path);
  };
  visit(dirname(manifest));
  return [...found];
}

function unreadableWorkspace(manifest: string, detail: string): ToolError {
  return new ToolError({
    code: "cargo-metadata-failed",
    family: "usage",
    message: `cargo cannot read ${manifest}:\n${detail.trim()}`,
    remedy: "cargo metadata --no-deps (must work)",
  });
}

/** What cargo compiles of a crate; its tests and benches change no library. */
const ignoredFolders = new Set(["target", "node_modules", "tests", "benches", "examples"]);

async function filesBelow(folder: string, outputs: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = entries.map((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return Promise.resolve([path]);
    const isInput = path !== outputs && !ignoredFolders.has(entry.name);
    return isInput ? filesBelow(path, outputs) : Promise.resolve([]);
  });
  return (await Promise.all(nested)).flat();
}
