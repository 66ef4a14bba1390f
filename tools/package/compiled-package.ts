// Compiles an npm package of the checkout by its own build script, apart from the checkout, and says what is published of it.
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { ArchiveEntry } from "./archive-entry.ts";
import type { PackageContext } from "./context.ts";
import type { RootPackage } from "./npm-root.ts";

/** Members that matter in the source tree and would mislead, or run, at a user's. */
const unpublished = ["private", "scripts", "devDependencies", "workspaces", "overrides"];

/** The package.json of a user. */
export function publishedJson(root: RootPackage): Record<string, unknown> {
  return Object.fromEntries(Object.entries(root.json).filter(([key]) => !unpublished.includes(key)));
}

/** Compiles into a folder that is gone afterwards: the checkout may be read-only, or somebody's work. */
export async function withCompiled<Result>(
  root: RootPackage,
  directory: string,
  output: string,
  context: PackageContext,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(context.packagesDirectory, { recursive: true });
  const folder = await mkdtemp(join(context.packagesDirectory, ".npm-package-"));
  try {
    await compile(root, directory, join(folder, output), context);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that the build script has written. */
export async function compiledEntries(
  root: RootPackage,
  directory: string,
  output: string,
  context: PackageContext,
): Promise<ArchiveEntry[]> {
  return withCompiled(root, directory, output, context, async (folder) => {
    const names = (await readdir(join(folder, output))).sort();
    const trees = names.map((name) => readTree(folder, posix.join(output, name)));
    return (await Promise.all(trees)).flat();
  });
}

/** A file, or a folder with everything in it. */
export async function readTree(directory: string, path: string): Promise<ArchiveEntry[]> {
  const absolute = join(directory, path);
  const facts = await stat(absolute).catch((cause: unknown) => {
    throw missing(absolute, cause);
  });
  if (facts.isFile())
    return [{ path: `package/${path}`, bytes: await readFile(absolute), executable: false }];
  const children = await readdir(absolute);
  return (await Promise.all(children.map((child) => readTree(directory, posix.join(path, child))))).flat();
}

/** The script `build` takes the compiler's option `--outDir`. */
async function compile(
  root: RootPackage,
  directory: string,
  output: string,
  { project, process, signal }: PackageContext,
): Promise<void> {
  if (root.scripts["build"] === undefined) return;
  const cwd = join(project.root, directory);
  const command = { program: "npm", args: ["run", "--silent", "build", "--", "--outDir", output], cwd };
  const exit = await process.run(command, signal === undefined ? {} : { signal });
  if (exit.code === 0) return;
  throw new ToolError({
    code: "npm-build-failed",
    family: "finding",
    message: `the build script of ${root.name} failed: ${(exit.stdout + exit.stderr).trim()}`,
    remedy: `run it by hand: npm run build in ${directory}`,
  });
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
