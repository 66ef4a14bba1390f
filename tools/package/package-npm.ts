// Packs the npm root package: compiled JavaScript and types, and the list of platform packages to choose from.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Target } from "../matrix/target.ts";
import { textEntry, type ArchiveEntry } from "./archive-entry.ts";
import { publishedJson, readTree, withCompiled } from "./compiled-package.ts";
import type { PackageContext } from "./context.ts";
import { npmFileName, platformPackageName } from "./npm-names.ts";
import { readRootPackage, type RootPackage } from "./npm-root.ts";
import type { PackageFile } from "./package.ts";
import { tarGz } from "./tar-archive.ts";
import { writePackage } from "./write-package.ts";

/** `targets` is the whole table: the root names every platform, whether or not it was built here. */
export async function packageNpm(targets: readonly Target[], context: PackageContext): Promise<PackageFile> {
  const { project, sourceDateEpoch } = context;
  const root = await readRootPackage(project);
  const license = await readFile(join(project.root, project.licenseFile));
  const entries = [
    textEntry("package/package.json", packageJson(root, targets)),
    { path: "package/LICENSE", bytes: license, executable: false },
    ...(await withCompiled(root, project.node.directory, posix.dirname(root.main), context, (folder) =>
      publishedEntries(root, [folder, join(project.root, project.node.directory)]),
    )),
  ];
  return writePackage(context.packagesDirectory, {
    kind: "npm-root",
    fileName: npmFileName(root.name, root.version),
    content: tarGz(entries, sourceDateEpoch),
  });
}

function packageJson(root: RootPackage, targets: readonly Target[]): string {
  const platforms = targets.flatMap(({ node }) =>
    node === undefined ? [] : [platformPackageName(root.name, node)],
  );
  const manifest = {
    ...publishedJson(root),
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
