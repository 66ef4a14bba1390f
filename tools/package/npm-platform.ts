// Packs the Node-API addon of one platform as an npm package that npm installs on that platform alone.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltLibrary } from "../build/artifact.ts";
import type { Target } from "../matrix/target.ts";
import { ToolError } from "../shared/errors.ts";
import { textEntry, type ArchiveEntry } from "./archive-entry.ts";
import type { PackageContext } from "./context.ts";
import { readLibrary } from "./library-bytes.ts";
import { npmFileName, platformPackageName, type NodePlatform } from "./npm-names.ts";
import { readRootPackage, type RootPackage } from "./npm-root.ts";
import type { PackageFile } from "./package.ts";
import { tarGz } from "./tar-archive.ts";
import { writePackage } from "./write-package.ts";

export async function packageNpmPlatform(
  target: Target,
  addon: BuiltLibrary,
  notices: string,
  context: PackageContext,
): Promise<PackageFile> {
  const node = target.node ?? raise(noNode(target));
  const { project } = context;
  const name = platformPackageName(project.node.package, node);
  const root = await readRootPackage(project);
  const entries: ArchiveEntry[] = [
    textEntry("package/package.json", packageJson(name, target, node, addon, root)),
    textEntry("package/README.md", readme(name, target, root)),
    textEntry("package/THIRD-PARTY-NOTICES.txt", notices),
    {
      path: "package/LICENSE",
      bytes: await readFile(join(project.root, project.licenseFile)),
      executable: false,
    },
    { path: `package/${addon.fileName}`, bytes: await readLibrary(addon), executable: true },
  ];
  return writePackage(context.packagesDirectory, {
    kind: "npm-platform",
    target,
    fileName: npmFileName(name, project.version),
    content: tarGz(entries, context.sourceDateEpoch),
  });
}

function packageJson(
  name: string,
  target: Target,
  node: NodePlatform,
  addon: BuiltLibrary,
  root: RootPackage,
): string {
  const manifest = {
    name,
    version: root.version,
    description: `The addon of ${root.name} for ${target.triple}`,
    license: root.license,
    homepage: root.homepage,
    repository: root.repository,
    engines: root.engines,
    os: [node.os],
    cpu: [node.cpu],
    ...(node.libc === undefined ? {} : { libc: [node.libc] }),
    main: addon.fileName,
    files: [addon.fileName, "THIRD-PARTY-NOTICES.txt"],
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function readme(name: string, target: Target, root: RootPackage): string {
  return `# ${name}\n\nThe native addon of [${root.name}](${root.homepage}) for ${target.triple}. Install ${root.name}; it picks this package where it fits.\n`;
}

function noNode(target: Target): ToolError {
  return new ToolError({
    code: "no-node-platform",
    family: "finding",
    message: `${target.triple} has an addon but no Node platform in the target table`,
    remedy: "give the target a `node` entry or do not build the addon for it",
  });
}

function raise(error: Error): never {
  throw error;
}
