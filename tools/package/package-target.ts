// Packs what was built for one target: the archive for C and C++ users, and the npm package that carries the addon.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "../build/artifact.ts";
import { sortEntries, textEntry, type ArchiveEntry } from "./archive-entry.ts";
import { cmakeFiles } from "./cmake-files.ts";
import type { PackageContext } from "./context.ts";
import { installedLibraries, type InstalledLibrary } from "./layout.ts";
import { readLibrary } from "./library-bytes.ts";
import { manifestOf } from "./manifest.ts";
import { packageNpmPlatform } from "./npm-platform.ts";
import { packageWeb } from "./package-web.ts";
import type { PackageFile } from "./package.ts";
import { pkgConfigFile } from "./pkg-config.ts";
import { tarGz } from "./tar-archive.ts";
import { thirdPartyNotices } from "./notices.ts";
import { writePackage } from "./write-package.ts";
import { zip } from "./zip-archive.ts";

export async function packageTarget(
  artifact: Artifact,
  context: PackageContext,
): Promise<readonly PackageFile[]> {
  const notices = await thirdPartyNotices(artifact.target, context);
  const archive = await packageArchive(artifact, notices, context);
  const web = await packageForWeb(artifact, notices, context);
  if (web !== undefined) return [archive, web];
  const addon = artifact.libraries.find((library) => library.kind === "addon");
  if (addon === undefined) return [archive];
  return [archive, await packageNpmPlatform(artifact.target, addon, notices, context)];
}

/** The npm package of the module, where the target is the web and the project has one. */
async function packageForWeb(
  { target, libraries }: Artifact,
  notices: string,
  context: PackageContext,
): Promise<PackageFile | undefined> {
  const crate = target.family === "web" ? context.project.wasm : undefined;
  const module = libraries.find(({ kind }) => kind === "dynamic");
  if (crate?.npm === undefined || module === undefined) return undefined;
  return packageWeb(target, module, crate, crate.npm, notices, context);
}

/** `<name>-<version>-<triple>`: the one top folder, and the file name before its ending. */
export function archiveStem(name: string, version: string, triple: string): string {
  return `${name}-${version}-${triple}`;
}

async function packageArchive(
  artifact: Artifact,
  notices: string,
  context: PackageContext,
): Promise<PackageFile> {
  const { project, sourceDateEpoch } = context;
  const stem = archiveStem(project.name, project.version, artifact.target.triple);
  const files = await archiveEntries(artifact, notices, context);
  const entries = files.map((entry) => ({ ...entry, path: `${stem}/${entry.path}` }));
  const isZip = artifact.target.format === "pe";
  return writePackage(context.packagesDirectory, {
    kind: "archive",
    target: artifact.target,
    fileName: `${stem}${isZip ? ".zip" : ".tar.gz"}`,
    content: isZip ? zip(entries, sourceDateEpoch) : tarGz(entries, sourceDateEpoch),
  });
}

async function archiveEntries(
  artifact: Artifact,
  notices: string,
  context: PackageContext,
): Promise<ArchiveEntry[]> {
  const { project, abi } = context;
  const libraries = installedLibraries(artifact);
  const { nativeStaticLibraries } = artifact.provenance;
  const entries = sortEntries([
    ...(await Promise.all(libraries.map(libraryEntry))),
    // A module for the web is instantiated, not linked.
    ...(artifact.target.family === "web"
      ? []
      : [
          ...(await headerEntries(context)),
          ...cmakeFiles({ project, target: artifact.target, libraries, nativeStaticLibraries }),
          textEntry(
            `lib/pkgconfig/${project.name}.pc`,
            pkgConfigFile(project, artifact.target.libraries, nativeStaticLibraries),
          ),
        ]),
    { path: "LICENSE", bytes: await readFile(join(project.root, project.licenseFile)), executable: false },
    textEntry("THIRD-PARTY-NOTICES.txt", notices),
  ]);
  const manifest = manifestOf(project, artifact, abi, libraries, entries);
  return [...entries, textEntry("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`)];
}

async function libraryEntry(library: InstalledLibrary): Promise<ArchiveEntry> {
  const bytes = await readLibrary(library.source);
  return { path: library.path, bytes, executable: library.kind === "dynamic" };
}

export async function headerEntries({ project }: PackageContext): Promise<ArchiveEntry[]> {
  const { includeDirectory, files } = project.headers;
  const read = async (file: string): Promise<ArchiveEntry> => {
    const bytes = await readFile(join(project.root, includeDirectory, file));
    return { path: `include/${file}`, bytes, executable: false };
  };
  return Promise.all(files.map(read));
}
