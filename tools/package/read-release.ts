// Reads what a release would hold: the records of builds, and the packages with their manifests and files.
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { openContainer } from "../container/open.ts";
import { sha256Of } from "../shared/digest.ts";
import { ToolError } from "../shared/errors.ts";
import type { ReleaseFile, ReleaseRecord } from "./release-check.ts";

export interface ReleaseContent {
  readonly records: readonly ReleaseRecord[];
  readonly files: readonly ReleaseFile[];
}

/** `path`: the output folder of a run, a folder of packages, or one package. */
export async function readRelease(path: string): Promise<ReleaseContent> {
  const records = await builtRecords(path);
  const packages = await Promise.all((await packagesIn(path)).map(readPackage));
  const content = {
    records: [...records, ...packages.flatMap((found) => found.records)],
    files: packages.flatMap(({ files }) => files),
  };
  if (content.records.length === 0) throw nothingToCheck(path);
  return content;
}

async function builtRecords(path: string): Promise<ReleaseRecord[]> {
  const names = await namesIn(path);
  const sources = names.map((name) => join(path, name, "artifact.json")).filter((file) => existsSync(file));
  const read = sources.map(async (source) => recordsOf(source, await readFile(source, "utf8")));
  return (await Promise.all(read)).flat();
}

async function packagesIn(path: string): Promise<string[]> {
  const folders = [path, join(path, "packages")];
  const found = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).map((name) => join(folder, name))),
  );
  const all = (await isFolder(path)) ? found.flat() : [path];
  return all.filter((file) => /\.(tar\.gz|tgz|zip|aar|whl|nupkg)$/.test(file)).sort();
}

async function readPackage(path: string): Promise<ReleaseContent> {
  const records: ReleaseRecord[] = [];
  const files: ReleaseFile[] = [];
  for await (const entry of (await openContainer(path)).entries()) {
    if (entry.type === "problem" || entry.kind !== "file") continue;
    const source = [path, ...entry.trail, entry.name].join("!");
    const bytes = await entry.read();
    files.push({ source, sha256: sha256Of(bytes) });
    if (/(^|\/)manifest\.json$/.test(entry.name))
      records.push(...recordsOf(source, Buffer.from(bytes).toString("utf8")));
  }
  return { records, files };
}

interface Described {
  readonly target?: { readonly triple: string };
  readonly provenance?: ReleaseRecord["provenance"];
  readonly libraries?: readonly { readonly sha256: string }[];
  readonly files?: readonly { readonly path: string; readonly sha256: string }[];
  readonly slices?: readonly {
    readonly targets: readonly {
      readonly triple: string;
      readonly provenance: ReleaseRecord["provenance"];
    }[];
  }[];
}

/** An artifact.json, or a manifest of one target or of several slices. */
function recordsOf(source: string, text: string): ReleaseRecord[] {
  const { target, provenance, libraries, slices } = parse(source, text);
  const sha256 = (libraries ?? []).map((library) => library.sha256);
  if (target !== undefined && provenance !== undefined)
    return [{ source, triple: target.triple, provenance, sha256 }];
  return (slices ?? []).flatMap(({ targets }) => targets.map((slice) => ({ source, sha256, ...slice })));
}

function parse(source: string, text: string): Described {
  try {
    return JSON.parse(text) as Described;
  } catch (cause) {
    throw new ToolError({
      code: "record-unreadable",
      family: "usage",
      message: `${source} is no JSON: ${String(cause)}`,
      remedy: "build and package again: npm run matrix",
      cause,
    });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function nothingToCheck(path: string): ToolError {
  return new ToolError({
    code: "nothing-to-release",
    family: "usage",
    message: `${path} holds no record of a build and no package with a manifest`,
    remedy: "npm run matrix, or name the folder of its artifacts",
  });
}
