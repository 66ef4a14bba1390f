// Packs the npm root package: compiled JavaScript and types, and the list of platform packages to choose from.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Target } from "../matrix/target.ts";
import { ToolError } from "../shared/errors.ts";
import { textEntry, type ArchiveEntry } from "./archive-entry.ts";
import type { PackageContext } from "./context.ts";
import { npmFileName, platformPackageName } from "./npm-names.ts";
import { readRootPackage, type RootPackage } from "./npm-root.ts";
import type { PackageFile } from "./package.ts";
import { tarGz } from "./tar-archive.ts";
import { writePackage } from "./write-package.ts";

/** Members that matter in the source tree and would mislead, or run, at a user's. */
const unpublished = ["private", "scripts", "devDependencies", "workspaces", "overrides"];

/** `targets` is the whole table: the root names every platform, whether or not it was built here. */
export async function packageNpm(targets: readonly Target[], context: PackageContext): Promise<PackageFile> {
  const { project, sourceDateEpoch } = context;
  const root = await readRootPackage(project);
  const license = await readFile(join(project.root, project.licenseFile));
  const entries = [
    textEntry("package/package.json", packageJson(root, targets)),
    { path: "package/LICENSE", bytes: license, executable: false },
    ...(await compiledEntries(root, context)),
  ];
  return writePackage(context.packagesDirectory, {
    kind: "npm-root",
    fileName: npmFileName(root.name, root.version),
    content: tarGz(entries, sourceDateEpoch),
  });
}

/** The published files, compiled for this package alone: the checkout may be read-only, or somebody's work. */
async function compiledEntries(root: RootPackage, context: PackageContext): Promise<ArchiveEntry[]> {
  await mkdir(context.packagesDirectory, { recursive: true });
  const folder = await mkdtemp(join(context.packagesDirectory, ".npm-root-"));
  try {
    await compile(root, folder, context);
    return await publishedEntries(root, [folder, join(context.project.root, context.project.node.directory)]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The package compiles itself by its own `build` script, which takes the compiler's option `--outDir`. */
async function compile(root: RootPackage, folder: string, context: PackageContext): Promise<void> {
  if (root.scripts["build"] === undefined) return;
  const { project, process, signal } = context;
  const cwd = join(project.root, project.node.directory);
  const output = join(folder, posix.dirname(root.main));
  const command = { program: "npm", args: ["run", "--silent", "build", "--", "--outDir", output], cwd };
  const exit = await process.run(command, signal === undefined ? {} : { signal });
  if (exit.code === 0) return;
  throw new ToolError({
    code: "npm-build-failed",
    family: "finding",
    message: `the build script of ${root.name} failed: ${(exit.stdout + exit.stderr).trim()}`,
    remedy: `run it by hand: npm run build in ${project.node.directory}`,
  });
}

function packageJson(root: RootPackage, targets: readonly Target[]): string {
  const kept = Object.entries(root.json).filter(([key]) => !unpublished.includes(key));
  const platforms = targets.flatMap(({ node }) =>
    node === undefined ? [] : [platformPackageName(root.name, node)],
  );
  const manifest = {
    ...Object.fromEntries(kept),
    // An exact version: the addon and the JavaScript check each other's ABI hash.
    optionalDependencies: Object.fromEntries(platforms.sort().map((name) => [name, root.version])),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** What `files` names, and README.md, which npm shows on the package's page; each from the first folder that has it. */
async function publishedEntries(root: RootPackage, folders: readonly string[]): Promise<ArchiveEntry[]> {
  const holder = (name: string): string | undefined =>
    folders.find((candidate) => existsSync(join(candidate, name)));
  const readme = holder("README.md") === undefined ? [] : ["README.md"];
  const names = new Set([...readme, ...root.files]);
  names.delete("LICENSE");
  const found = [...names].map((name) => {
    const path = name.replace(/\/+$/, "");
    return readTree(holder(path) ?? folders.at(-1) ?? "", path);
  });
  return (await Promise.all(found)).flat();
}

async function readTree(directory: string, path: string): Promise<ArchiveEntry[]> {
  const absolute = join(directory, path);
  const facts = await stat(absolute).catch((cause: unknown) => {
    throw missing(absolute, cause);
  });
  if (facts.isFile())
    return [{ path: `package/${path}`, bytes: await readFile(absolute), executable: false }];
  const children = await readdir(absolute);
  return (await Promise.all(children.map((child) => readTree(directory, posix.join(path, child))))).flat();
}

function missing(path: string, cause: unknown): ToolError {
  return new ToolError({
    code: "npm-file-missing",
    family: "finding",
    message: `${path} is to be published but does not exist`,
    remedy: 'correct "files" in package.json, or make its `build` script write the file',
    cause,
  });
}
