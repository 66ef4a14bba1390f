// Opens a file or folder and gives what the doctor judges: packages with their entries, and the libraries among them.
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { beginsDebianPackage } from "../container/debian.ts";
import { openContainer } from "../container/open.ts";
import { MalformedFile, newWorkAccount, type WorkAccount } from "../inspect/cursor.ts";
import type { ArtifactFacts } from "../inspect/facts.ts";
import { inspectBytes } from "../inspect/inspect.ts";
import { sha256Of } from "../shared/digest.ts";
import { ToolError } from "../shared/errors.ts";
import { libraryKind, promisesLibrary } from "./library-role.ts";
import {
  baseName,
  type PackagedLibrary,
  type PackageEntry,
  type PackageProblem,
  type PackageUnit,
} from "./package-unit.ts";

/** One archive or folder; archives inside archives are units of their own. */
export interface OpenedUnit {
  readonly unit: PackageUnit;
  /** Archives around this one, outermost first; empty for the file or folder itself. */
  readonly trail: readonly string[];
}

interface Gathering {
  readonly trail: readonly string[];
  readonly packedBytes: number | undefined;
  readonly entries: PackageEntry[];
  readonly libraries: PackagedLibrary[];
  readonly problems: PackageProblem[];
}

/** Texts that describe a package; anything longer is none. */
const describing =
  /(^|\/)(package\.json|WHEEL|RECORD|METADATA|Info\.plist|manifest\.json|SHA256SUMS)$|\.(nuspec|pc|modulemap)$|(^|\/)module\.modulemap$/;
const longestText = 4 * 2 ** 20;

export async function openUnits(path: string): Promise<OpenedUnit[]> {
  const container = await openContainer(path);
  const isFolder = container.kind === "directory";
  const gatherings = new Map<string, Gathering>();
  const gathering = (trail: readonly string[], packedBytes?: number): Gathering => {
    const key = trail.join("\n");
    const found = gatherings.get(key) ?? { trail, packedBytes, entries: [], libraries: [], problems: [] };
    gatherings.set(key, found);
    return found;
  };
  const account = newWorkAccount();
  let isExhausted = false;
  gathering([], isFolder ? undefined : (await stat(path)).size);
  for await (const found of container.entries()) {
    const { entries, libraries, problems } = gathering(found.trail);
    if (found.type === "problem") {
      problems.push({ code: found.code, path: found.member, offset: found.offset, message: found.message });
      continue;
    }
    const bytes = found.kind === "file" ? await found.read() : undefined;
    const opened = bytes === undefined ? undefined : openLibrary(found.name, bytes, account);
    if (account.left < 0 && !isExhausted) {
      isExhausted = true;
      problems.push(tooMuch(found.name, found.offset));
    }
    const entry: PackageEntry = {
      path: found.name,
      kind: found.kind,
      mode: found.mode,
      bytes: found.bytes,
      offset: found.offset,
      linkTarget: found.linkTarget,
      sha256: bytes === undefined ? undefined : sha256Of(bytes),
      text:
        bytes !== undefined && isText(found.name, bytes) ? Buffer.from(bytes).toString("utf8") : undefined,
      unreadable: opened?.unreadable,
    };
    entries.push(entry);
    if (bytes !== undefined && opened?.facts !== undefined)
      libraries.push(packaged(entry, opened.facts, bytes));
  }
  return [...gatherings.values()].map(({ trail, ...unit }) => ({
    unit: {
      name: baseName(trail.at(-1) ?? basename(path)),
      isFolder: isFolder && trail.length === 0,
      ...unit,
    },
    trail,
  }));
}

function isText(name: string, { length }: Uint8Array): boolean {
  return length <= longestText && describing.test(name);
}

function packaged(entry: PackageEntry, facts: ArtifactFacts, bytes: Uint8Array): PackagedLibrary {
  const fileName = baseName(entry.path);
  return { entry, library: { kind: libraryKind(fileName, facts), fileName }, facts, bytes };
}

interface OpenedLibrary {
  readonly facts?: ArtifactFacts;
  readonly unreadable?: NonNullable<PackageEntry["unreadable"]>;
}

/** Content that only looks like a library is no matter, unless its name says that it is one. */
function openLibrary(name: string, bytes: Uint8Array, account: WorkAccount): OpenedLibrary | undefined {
  if (account.left < 0 || beginsDebianPackage(bytes)) return undefined;
  try {
    return { facts: inspectBytes(name, bytes, undefined, account) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const isMalformed = error instanceof MalformedFile;
    // Linkers read scripts under the name of libraries.
    if (!promisesLibrary(baseName(name)) || isLinkerScript(bytes)) return undefined;
    const offset = isMalformed ? error.offset : 0;
    return {
      unreadable: { offset, problem: isMalformed ? error.message.slice(name.length + 2) : firstBytes(bytes) },
    };
  }
}

/** Behind it, libraries are listed and not read. */
function tooMuch(path: string, offset: number): PackageProblem {
  const message =
    "the libraries up to this one have more table entries than are read: it and all behind it are not";
  return { code: "too-many", path, offset, message };
}

function isLinkerScript(bytes: Uint8Array): boolean {
  return /^\s*(\/\*[^]*?\*\/\s*)?(INPUT|GROUP|OUTPUT_FORMAT)\s*\(/.test(
    Buffer.from(bytes.subarray(0, 1024)).toString("latin1"),
  );
}

function firstBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  const start = Buffer.from(bytes.subarray(0, 32))
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e]/g, ".");
  return `is of no known format; begins with ${JSON.stringify(start)}`;
}

/** Where an entry lies: a file on disk, or a member of one. */
export function placeOfEntry(
  path: string,
  { trail, unit: { isFolder } }: OpenedUnit,
  entryPath: string | undefined,
): { readonly file: string; readonly member?: string } {
  if (isFolder) return { file: entryPath === undefined ? path : join(path, entryPath) };
  const inside = [...trail, ...(entryPath === undefined ? [] : [entryPath])].join("!/");
  return inside === "" ? { file: path } : { file: path, member: inside };
}
