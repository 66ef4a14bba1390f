// Links a program that names every function against each slice of the packed XCFramework, for each of its processors.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import type { PackageFile } from "../package/package.ts";
import { frameworkSlices, type FrameworkSlice } from "../package/xcframework.ts";
import { withPlaceNames, type PlaceName } from "../shared/place-names.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { linkEveryFunction, type StubLinker } from "./link-functions.ts";
import { unpack } from "./unpack.ts";
import type { LinkTest } from "./verification.ts";

export interface FrameworkRequest {
  readonly project: Project;
  readonly process: Process;
  readonly framework: PackageFile;
  readonly table: readonly Target[];
  /** By triple; targets without one have an SDK of their own, with which nothing is linked here. */
  readonly parts: ReadonlyMap<string, FrameworkPart>;
  /** What stands for this machine's folders in the results. */
  readonly places: readonly PlaceName[];
  readonly signal?: AbortSignal;
}

export interface FrameworkPart {
  readonly tools: StubLinker;
  readonly nativeStaticLibraries: readonly string[];
}

export async function linkXcframework(request: FrameworkRequest): Promise<readonly LinkTest[]> {
  const folder = await mkdtemp(join(tmpdir(), "xcframework-"));
  try {
    await unpack(request.framework.path, folder);
    const top = join(folder, request.framework.fileName.replace(/\.zip$/, ""));
    const links: LinkTest[] = [];
    for (const slice of frameworkSlices(request.table))
      links.push(...(await linkSlice(request, slice, top, folder)));
    return withPlaceNames(links, [{ folder, name: "$SMOKE" }, ...request.places]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function linkSlice(
  request: FrameworkRequest,
  slice: FrameworkSlice,
  top: string,
  outputDirectory: string,
): Promise<LinkTest[]> {
  const { project, process, parts, signal } = request;
  const directory = join(top, slice.identifier);
  const links: LinkTest[] = [];
  for (const target of slice.targets) {
    const part = parts.get(target.triple);
    if (part === undefined) continue;
    const link = await linkEveryFunction({
      ...{ project, process, target, outputDirectory, ...part },
      linkage: "static",
      packageDirectory: directory,
      layout: { library: join(directory, await libraryFile(top)), include: join(directory, "Headers") },
      ...(signal && { signal }),
    });
    links.push(link);
  }
  return links;
}

/** As the framework itself names it. */
async function libraryFile(top: string): Promise<string> {
  const plist = await readFile(join(top, "Info.plist"), "utf8");
  const name = /<key>LibraryPath<\/key>\s*<string>([^<]+)<\/string>/.exec(plist)?.[1];
  if (name === undefined) throw new Error(`${top}/Info.plist names no library`);
  return name;
}
