// Builds one commit twice, in two folders and two surroundings that differ in everything a build must not depend on.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";

export interface TwiceRequest {
  /** Folder of the repository. */
  readonly repository: string;
  /** Its project file, relative to the repository. */
  readonly projectFile: string;
  readonly commit: string;
  readonly triple: string;
  readonly profile: string;
  readonly jobs: number;
  readonly offline: boolean;
  /** The entry that builds, e.g. tools/build-matrix.ts. */
  readonly entry: string;
  readonly process: Process;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface Surroundings {
  readonly name: string;
  /** Folder of the checkout, relative to the work folder: other name, other length, other letters. */
  readonly checkout: string;
  readonly jobs: number;
  readonly umask: number;
  readonly env: Readonly<Record<string, string>>;
}

export type BuiltFiles = ReadonlyMap<string, Uint8Array>;

export async function buildTwice(request: TwiceRequest): Promise<readonly [BuiltFiles, BuiltFiles]> {
  const work = await mkdtemp(join(tmpdir(), "reproduce-"));
  try {
    const [first, second] = await surroundingsIn(work, request);
    return [await buildIn(work, first, request), await buildIn(work, second, request)];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Time zones a day apart, locales with other decimal signs, another home and cargo home, another user's name. */
async function surroundingsIn(
  work: string,
  { jobs }: TwiceRequest,
): Promise<readonly [Surroundings, Surroundings]> {
  const home = join(work, "home of somebody else");
  const cargoHome = join(home, "other cargo");
  const realCargoHome = process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  await mkdir(cargoHome, { recursive: true });
  // What was downloaded is reached under another path; nothing is fetched again.
  for (const name of ["registry", "git", "config.toml", "config"])
    if (existsSync(join(realCargoHome, name)))
      await symlink(join(realCargoHome, name), join(cargoHome, name));
  const rustupHome = process.env["RUSTUP_HOME"] ?? join(homedir(), ".rustup");
  return [
    {
      ...{ name: "first", checkout: "a", jobs: 1, umask: 0o022 },
      env: { TZ: "Etc/GMT+12", LANG: "C", LC_ALL: "C" },
    },
    {
      ...{
        name: "second",
        checkout: "a longer näme/with a deeper folder",
        jobs: Math.max(2, jobs),
        umask: 0o002,
      },
      env: {
        ...{ TZ: "Pacific/Kiritimati", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" },
        ...{
          HOME: home,
          USER: "somebody",
          LOGNAME: "somebody",
          CARGO_HOME: cargoHome,
          RUSTUP_HOME: rustupHome,
        },
        ...{ XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache") },
      },
    },
  ];
}

async function buildIn(work: string, place: Surroundings, request: TwiceRequest): Promise<BuiltFiles> {
  const checkout = join(work, place.checkout);
  const output = join(work, `output of the ${place.name}`);
  await checkOut(checkout, request);
  const { triple, profile, offline, entry, signal, onLine } = request;
  const command = {
    program: globalThis.process.execPath,
    args: [
      ...["--import", "tsx", entry, "--target", triple, "--until", "package", "--profile", profile],
      ...["--jobs", String(place.jobs), "--project", join(checkout, request.projectFile), "--output", output],
      ...(offline ? ["--offline"] : []),
    ],
    // The loader is found from here; the project lies in the copy.
    cwd: dirname(dirname(entry)),
    env: { ...place.env, GITHUB_ACTIONS: undefined },
    // It ends cargo, which has a group of its own.
    endsItselfWithinMs: 20_000,
  };
  onLine(
    `${place.name} build: ${checkout}, TZ=${place.env["TZ"]}, LC_ALL=${place.env["LC_ALL"]}, ${place.jobs} jobs`,
  );
  const before = globalThis.process.umask(place.umask);
  try {
    const exit = await request.process.run(command, { signal, onLine: (line) => onLine(`  ${line}`) });
    if (exit.code !== 0) throw notBuilt(place, exit);
  } finally {
    globalThis.process.umask(before);
  }
  return builtFiles(output, triple);
}

/** A clone, so that nothing uncommitted takes part; node_modules is lent, because no artifact may depend on its place. */
async function checkOut(
  folder: string,
  { repository, commit, process, signal }: TwiceRequest,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const git = async (...args: readonly string[]): Promise<void> => {
    const exit = await process.run({ program: "git", args }, { signal });
    if (exit.code === 0) return;
    throw new ToolError({
      code: "not-cloned",
      family: "usage",
      message: `git ${args.join(" ")} failed: ${exit.stderr.trim()}`,
      remedy: "give a commit that this repository has",
    });
  };
  await git("clone", "--quiet", "--no-checkout", repository, folder);
  await git("-C", folder, "checkout", "--quiet", "--detach", commit);
  const modules = join(repository, "node_modules");
  if (existsSync(modules)) await symlink(modules, join(folder, "node_modules"));
}

function notBuilt(
  { name }: Surroundings,
  exit: { readonly code: number | null; readonly stderr: string },
): ToolError {
  return new ToolError({
    code: "not-built",
    family: exit.code === 3 ? "environment" : "finding",
    message: `the ${name} build ended with ${exit.code ?? "a signal"}${exit.stderr.trim() === "" ? "" : `: ${exit.stderr.trim()}`}`,
    remedy: "its output is above; npm run matrix shows the same with more detail",
  });
}

/** What a build leaves besides is about the run: logs, records with absolute paths, findings. */
const ofTheRun = /^(artifact|facts|findings|verification)\.json$|\.log$/;

async function builtFiles(output: string, triple: string): Promise<BuiltFiles> {
  const files = new Map<string, Uint8Array>();
  for (const folder of [triple, "packages"]) {
    const entries = await readdir(join(output, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || ofTheRun.test(entry.name)) continue;
      const path = join(output, folder, entry.name);
      files.set(relative(output, path), await readFile(path));
    }
  }
  return files;
}
