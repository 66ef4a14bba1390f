// Packs the module of the web as an npm package: the module, its glue and types, and a manifest that names them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { BuiltLibrary } from "../build/artifact.ts";
import type { Target } from "../matrix/target.ts";
import { ToolError } from "../shared/errors.ts";
import type { WebCrate, WebPackage } from "../shared/project.ts";
import { sortEntries, textEntry, type ArchiveEntry } from "./archive-entry.ts";
import { compiledEntries, publishedJson } from "./compiled-package.ts";
import type { PackageContext } from "./context.ts";
import { readLibrary } from "./library-bytes.ts";
import { npmFileName } from "./npm-names.ts";
import { readNpmPackage } from "./npm-root.ts";
import type { PackageFile } from "./package.ts";
import { tarGz } from "./tar-archive.ts";
import { writePackage } from "./write-package.ts";

export async function packageWeb(
  target: Target,
  module: BuiltLibrary,
  crate: WebCrate,
  web: WebPackage,
  notices: string,
  context: PackageContext,
): Promise<PackageFile> {
  const { project, sourceDateEpoch } = context;
  const bytes = await readLibrary(module);
  checkBudget(module.fileName, bytes, web);
  const root = await readNpmPackage(project, { directory: web.directory, package: web.package });
  const file = async (path: string, source: string): Promise<ArchiveEntry> => ({
    path: `package/${path}`,
    bytes: await readFile(join(project.root, source)),
    executable: false,
  });
  const entries = sortEntries([
    textEntry("package/package.json", `${JSON.stringify(publishedJson(root), null, 2)}\n`),
    textEntry("package/manifest.json", `${JSON.stringify(webManifest(crate, web), null, 2)}\n`),
    textEntry("package/THIRD-PARTY-NOTICES.txt", notices),
    await file("LICENSE", project.licenseFile),
    await file("README.md", join(web.directory, "README.md")),
    { path: `package/${crate.library}.wasm`, bytes, executable: false },
    ...(await compiledEntries(root, web.directory, ".", context)),
  ]);
  return writePackage(context.packagesDirectory, {
    kind: "npm-web",
    target,
    fileName: npmFileName(root.name, root.version),
    content: tarGz(entries, sourceDateEpoch),
  });
}

/** A page waits for these bytes, so they have a bound; compressed as servers send them. */
function checkBudget(name: string, bytes: Uint8Array, { mostBytes, mostGzipBytes }: WebPackage): void {
  const gzip = gzipSync(bytes, { level: 9 }).length;
  if (bytes.length <= mostBytes && gzip <= mostGzipBytes) return;
  throw new ToolError({
    code: "web-module-too-large",
    family: "finding",
    message: `${name} has ${bytes.length} bytes, ${gzip} compressed; allowed are ${mostBytes} and ${mostGzipBytes}`,
    remedy: "find what has grown with `npx tsx tools/inspect.ts`, or raise the budget in the project's file",
  });
}

/** What a host finds where; the keys are those of the packages that came before. */
function webManifest({ package: name, library }: WebCrate, web: WebPackage): object {
  return {
    package: name,
    wasm: `${library}.wasm`,
    types: `${library}.d.ts`,
    owner: web.owner,
    downstream_wrapper: web.package,
    exports: web.exports,
  };
}
