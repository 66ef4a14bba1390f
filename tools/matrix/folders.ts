// Where a run reads and writes: the output folder of the checkout and the cache of the user.
import { homedir } from "node:os";
import { join } from "node:path";
import type { PlaceName } from "../shared/place-names.ts";
import type { Project } from "../shared/project.ts";
import { environmentVariable } from "./names.ts";

export interface Folders {
  readonly root: string;
  /** Everything a run leaves in the checkout. */
  readonly artifacts: string;
  /** Build directories, launchers and locks: deleting it costs time only. */
  readonly work: string;
  readonly packages: string;
  readonly report: string;
  /** What was fetched or generated once for this user; shared between checkouts. */
  readonly cache: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function foldersOf(
  project: Project,
  environment: Environment = process.env,
  artifacts = join(project.root, "artifacts"),
): Folders {
  return {
    root: project.root,
    artifacts,
    work: join(artifacts, ".work"),
    packages: join(artifacts, "packages"),
    report: join(artifacts, "report"),
    cache: cacheFolder(project.name, environment),
  };
}

/** What stands for this machine's folders in all that a run leaves for others to read. */
export function placeNames({ root, artifacts, cache }: Folders): PlaceName[] {
  return [
    { folder: root, name: "" },
    { folder: artifacts, name: "artifacts" },
    { folder: cache, name: "$CACHE" },
    { folder: homedir(), name: "~" },
  ];
}

function cacheFolder(name: string, environment: Environment): string {
  const own = environment[environmentVariable(name, "CACHE_DIR")];
  if (own !== undefined && own !== "") return own;
  const base = environment["XDG_CACHE_HOME"] ?? environment["LOCALAPPDATA"];
  return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), name);
}
