// Debian packages in the cache folder, beside the system: fetched and verified by an apt of its own, unpacked as any account.
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Process } from "../shared/process.ts";
import { fetchLimitMs, type FetchRequest } from "./fetch-request.ts";
import { sweepLeftovers } from "../shared/leftovers.ts";

export interface DebianTree {
  /** Folder in the cache. */
  readonly name: string;
  /** A release of Debian by its name, whose signed index apt checks every package against. */
  readonly suite: string;
  /** As dpkg names it. */
  readonly architecture: string;
  readonly packages: readonly string[];
  /** What is fetched, for the announcement. */
  readonly megabytes: number;
  /** The last step: gets the folder as it is and the path that it will have. */
  readonly finish?: (unpacked: string, path: string, process: Process) => Promise<void>;
}

export type TreeOutcome =
  | { readonly kind: "there"; readonly directory: string }
  /** `isTransient`: a mirror that did not answer may do so next time. */
  | { readonly kind: "missing"; readonly reason: string; readonly isTransient: boolean };

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const mirror = "http://deb.debian.org/debian";

/** Where the packages are, after fetching them once. Whatever prevents that is a reason, not an error. */
export async function debianTree(tree: DebianTree, request: FetchRequest): Promise<TreeOutcome> {
  const { host, cacheDirectory, offline } = request;
  const directory = treeDirectory(tree, cacheDirectory);
  if (existsSync(directory)) return { kind: "there", directory };
  if (offline) return missing(`${tree.packages.join(" ")} of Debian not in the cache, and --offline is set`);
  for (const program of ["apt-get", "dpkg-deb"])
    if (host.which(program) === undefined) return missing(`no ${program}, which fetches it without root`);
  if (!host.exists(keyring)) return missing(`no ${keyring}, with which packages are verified`);
  return fetchTree(tree, directory, request);
}

export function treeDirectory({ name, suite }: DebianTree, cacheDirectory: string): string {
  return join(cacheDirectory, `debian-${suite}-${name}`);
}

/** Names and versions of the packages that a tree holds, e.g. "musl_1.2.3-1_arm64". */
export async function treePackages(directory: string): Promise<string[]> {
  const names = await readdir(join(directory, packagesFolder));
  return names.map((name) => decodeURIComponent(name).replace(/\.deb$/, "")).sort();
}

/** Holds an empty file for each package, under the name of the package's own file. */
const packagesFolder = ".packages";

function missing(reason: string, isTransient = false): TreeOutcome {
  return { kind: "missing", reason, isTransient };
}

async function fetchTree(tree: DebianTree, directory: string, request: FetchRequest): Promise<TreeOutcome> {
  const { cacheDirectory, onFetch, process: children } = request;
  await sweepLeftovers(cacheDirectory, /^debian-.*\.unfinished\.(\d+)$/);
  onFetch?.(`Debian ${tree.suite}: ${tree.packages.join(" ")}`, tree.megabytes * 1_000_000, directory);
  const unfinished = `${directory}.unfinished.${process.pid}`;
  const apt = join(unfinished, ".apt");
  const unpacked = join(unfinished, "tree");
  try {
    await mkdir(join(unpacked, packagesFolder), { recursive: true });
    const problem = (await download(tree, apt, request)) ?? (await unpackAll(apt, unpacked, request));
    if (problem !== undefined) return missing(problem, true);
    await tree.finish?.(unpacked, directory, children);
    await moveUnlessThere(unpacked, directory);
    return { kind: "there", directory };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** The machine's own lists, sources and locks stay untouched. */
async function download(tree: DebianTree, apt: string, request: FetchRequest): Promise<string | undefined> {
  const folders = ["lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "debs"];
  for (const folder of folders) await mkdir(join(apt, folder), { recursive: true });
  await writeFile(join(apt, "status"), "");
  await writeFile(join(apt, "etc/sources.list"), `deb [signed-by=${keyring}] ${mirror} ${tree.suite} main\n`);
  await writeFile(join(apt, "apt.conf"), aptConfiguration(apt, tree.architecture));
  return (
    (await aptGet(["update"], apt, request)) ?? (await aptGet(["download", ...tree.packages], apt, request))
  );
}

function aptConfiguration(apt: string, architecture: string): string {
  return [
    `Dir "${apt}";`,
    `Dir::Etc "${apt}/etc";`,
    `Dir::State "${apt}";`,
    `Dir::State::Lists "${apt}/lists";`,
    `Dir::State::status "${apt}/status";`,
    `Dir::Cache "${apt}/cache";`,
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    // As root apt would switch to an account that may not write here.
    'APT::Sandbox::User "";',
    // A mirror that lags behind is good enough for a test; what it serves is signed all the same.
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    "",
  ].join("\n");
}

async function aptGet(
  args: readonly string[],
  apt: string,
  request: FetchRequest,
): Promise<string | undefined> {
  const command = {
    program: "apt-get",
    args: ["-qq", ...args],
    cwd: join(apt, "debs"),
    env: { APT_CONFIG: join(apt, "apt.conf"), LC_ALL: "C" },
    timeoutMs: fetchLimitMs,
  };
  const exit = await request.process.run(command, request.signal ? { signal: request.signal } : {});
  if (exit.code === 0) return undefined;
  const said = exit.stderr.split("\n").find((line) => line.startsWith("E: ")) ?? "it took too long";
  return `apt-get ${args.join(" ")}: ${said.replace(/^E: /, "")}`;
}

async function unpackAll(apt: string, into: string, request: FetchRequest): Promise<string | undefined> {
  const debs = join(apt, "debs");
  for (const name of await readdir(debs)) {
    const command = { program: "dpkg-deb", args: ["-x", join(debs, name), into], timeoutMs: fetchLimitMs };
    const exit = await request.process.run(command, request.signal ? { signal: request.signal } : {});
    if (exit.code !== 0) return `dpkg-deb -x ${name}: ${exit.stderr.trim()}`;
    await writeFile(join(into, packagesFolder, name), "");
  }
  return undefined;
}

/** Two runs may fetch the same at the same time; the first one's stays, since programs may run out of it already. */
async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
