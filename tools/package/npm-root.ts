// Reads the hand-written package.json of an npm package; what platform packages repeat comes from the root's.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Project } from "../shared/project.ts";

export interface RootPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly homepage: string;
  readonly repository: unknown;
  readonly engines: Readonly<Record<string, string>>;
  /** The module that users import, relative to the package's folder; what is compiled stands beside it. */
  readonly main: string;
  /** Files and folders that are published, relative to the package's folder; no patterns. */
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  /** Everything, in the order of the file. */
  readonly json: Readonly<Record<string, unknown>>;
}

export async function readRootPackage(project: Project): Promise<RootPackage> {
  return readNpmPackage(project, project.node);
}

/** Version, licence and home page are the project's; a package.json that says otherwise is refused. */
export async function readNpmPackage(
  project: Project,
  place: { readonly directory: string; readonly package: string },
): Promise<RootPackage> {
  const path = join(project.root, place.directory, "package.json");
  const json = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  const expected = { name: place.package, version: project.version, license: project.license };
  for (const [key, value] of Object.entries(expected))
    if (json[key] !== value) throw mismatch(path, key, json[key], value);
  return {
    ...expected,
    homepage: project.homepage,
    repository: json["repository"] ?? { type: "git", url: `git+${project.homepage}.git` },
    engines: textRecord(json["engines"]),
    main: typeof json["main"] === "string" ? json["main"] : "index.js",
    files: textList(json["files"]),
    scripts: textRecord(json["scripts"]),
    json,
  };
}

function textRecord(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(entries);
}

function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function mismatch(path: string, key: string, found: unknown, wanted: string): ToolError {
  return new ToolError({
    code: "npm-root-mismatch",
    family: "finding",
    message: `${path}: "${key}" is ${JSON.stringify(found)}, the project says ${JSON.stringify(wanted)}`,
    remedy: `set "${key}" to ${JSON.stringify(wanted)}`,
  });
}
