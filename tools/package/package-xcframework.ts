// Packs the static libraries of all Apple targets as one XCFramework, which Xcode and Swift's package manager take.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "../build/artifact.ts";
import { fatFile } from "../build/fat-file.ts";
import type { Target } from "../matrix/target.ts";
import { libraryFileName } from "../matrix/names.ts";
import { sortEntries, textEntry, type ArchiveEntry } from "./archive-entry.ts";
import type { PackageContext } from "./context.ts";
import { readLibrary } from "./library-bytes.ts";
import { moduleMap } from "./module-map.ts";
import { headerEntries } from "./package-target.ts";
import type { PackageFile } from "./package.ts";
import { sha256Of } from "../shared/digest.ts";
import { swiftPackage } from "./swift-package.ts";
import { thirdPartyNotices } from "./notices.ts";
import { writePackage } from "./write-package.ts";
import { frameworkSlices, infoPlist, type FrameworkSlice } from "./xcframework.ts";
import { zip } from "./zip-archive.ts";

/** None where the project wants none, or where an Apple target of the table is not among the artifacts. */
export async function packageXcframework(
  artifacts: readonly Artifact[],
  table: readonly Target[],
  context: PackageContext,
): Promise<readonly PackageFile[]> {
  const { project, sourceDateEpoch, packagesDirectory } = context;
  const slices = frameworkSlices(table);
  const built = new Map(artifacts.map((artifact) => [artifact.target.triple, artifact]));
  const targets = slices.flatMap((slice) => slice.targets);
  const parts = targets.flatMap(({ triple }) => built.get(triple) ?? []);
  if (project.xcframework === undefined || parts.length < targets.length) return [];
  const top = `${project.xcframework}.xcframework`;
  const entries = (await frameworkEntries(slices, parts, context)).map((entry) => ({
    ...entry,
    path: `${top}/${entry.path}`,
  }));
  const framework = await writePackage(packagesDirectory, {
    kind: "xcframework",
    fileName: `${top}.zip`,
    content: zip(entries, sourceDateEpoch),
  });
  const manifest = await writePackage(packagesDirectory, {
    kind: "swift-package",
    fileName: "Package.swift",
    content: textEntry("", swiftPackage(project, framework, targets)).bytes,
  });
  return [framework, manifest];
}

async function frameworkEntries(
  slices: readonly FrameworkSlice[],
  artifacts: readonly Artifact[],
  context: PackageContext,
): Promise<ArchiveEntry[]> {
  const { project } = context;
  const [first] = artifacts;
  if (first === undefined) throw new RangeError("an XCFramework has one library at least");
  const libraryFile = libraryFileName(first.target, "static", project.crate.library);
  const nested = await Promise.all(
    slices.map((slice) => sliceEntries(slice, libraryFile, artifacts, context)),
  );
  const files = sortEntries([
    ...nested.flat(),
    textEntry("Info.plist", infoPlist(slices, libraryFile)),
    { path: "LICENSE", bytes: await readFile(join(project.root, project.licenseFile)), executable: false },
    textEntry("THIRD-PARTY-NOTICES.txt", await allNotices(artifacts, context)),
  ]);
  return [...files, textEntry("manifest.json", manifestText(files, slices, artifacts, context))];
}

async function sliceEntries(
  slice: FrameworkSlice,
  libraryFile: string,
  artifacts: readonly Artifact[],
  context: PackageContext,
): Promise<ArchiveEntry[]> {
  const own = artifacts.filter(({ target }) => slice.targets.some(({ triple }) => triple === target.triple));
  const headers = await headerEntries(context);
  const native = own.flatMap(({ provenance }) => provenance.nativeStaticLibraries);
  const map = moduleMap(context.project, native);
  const entries = [
    { path: libraryFile, bytes: await joinedLibrary(own), executable: false },
    ...headers.map((entry) => ({ ...entry, path: entry.path.replace(/^include\//, "Headers/") })),
    { ...map, path: `Headers/${map.path}` },
  ];
  return entries.map((entry) => ({ ...entry, path: `${slice.identifier}/${entry.path}` }));
}

/** A single processor's archive stays as it is. */
async function joinedLibrary(artifacts: readonly Artifact[]): Promise<Uint8Array> {
  const inputs = await Promise.all(
    artifacts.map(async ({ target, libraries }) => {
      const library = libraries.find(({ kind }) => kind === "static");
      if (library === undefined) throw new TypeError(`${target.triple} has no static library`);
      return { target, bytes: await readLibrary(library) };
    }),
  );
  const [only] = inputs;
  return inputs.length === 1 && only !== undefined ? only.bytes : fatFile(inputs);
}

/** Crates may differ from platform to platform; the union of the texts, each once. */
async function allNotices(artifacts: readonly Artifact[], context: PackageContext): Promise<string> {
  const texts = [];
  for (const { target } of artifacts) texts.push(await thirdPartyNotices(target, context));
  return texts.join("\n");
}

function manifestText(
  files: readonly ArchiveEntry[],
  slices: readonly FrameworkSlice[],
  artifacts: readonly Artifact[],
  { project, abi }: PackageContext,
): string {
  const targetsOf = ({ targets }: FrameworkSlice): object[] =>
    artifacts
      .filter(({ target }) => targets.some(({ triple }) => triple === target.triple))
      .map(({ target: { triple, cpu, floor }, provenance }) => ({ triple, cpu, floor, provenance }));
  const manifest = {
    format: 1,
    name: project.name,
    version: project.version,
    license: project.license,
    abi,
    slices: slices.map((slice) => ({ identifier: slice.identifier, targets: targetsOf(slice) })),
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256Of(bytes) })),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
