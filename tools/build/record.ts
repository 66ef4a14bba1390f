// artifact.json: written last and whole, so that its presence means that everything it names is finished.
import { copyFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LibraryFile } from "../matrix/names.ts";
import { sha256Of } from "../shared/digest.ts";
import type { FileDigests } from "../shared/file-digest.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import type { Artifact, BuiltLibrary } from "./artifact.ts";

/** The hand-over file of a finished build. */
export interface RecordedArtifact extends Artifact {
  /** Hash of everything the build depended on. */
  readonly contentKey: string;
}

export function recordPath(directory: string): string {
  return join(directory, "artifact.json");
}

/** The artifact of a finished build with this key whose files are all still what they were; else undefined. */
export async function readFinished(
  directory: string,
  contentKey: string,
  digests: FileDigests,
): Promise<Artifact | undefined> {
  const record = await readRecord(directory);
  if (record?.contentKey !== contentKey) return undefined;
  return (await digests.match(record.libraries)) ? record : undefined;
}

async function readRecord(directory: string): Promise<RecordedArtifact | undefined> {
  try {
    return JSON.parse(await readFile(recordPath(directory), "utf8")) as RecordedArtifact;
  } catch {
    return undefined;
  }
}

export async function forgetRecord(directory: string): Promise<void> {
  await rm(recordPath(directory), { force: true });
}

export async function writeRecord(record: RecordedArtifact): Promise<void> {
  await writeWholeFile(recordPath(record.directory), `${JSON.stringify(record, null, 2)}\n`);
}

/** Copies a built file into the artifact's folder; it appears there whole or not at all. */
export async function takeOver(
  directory: string,
  output: { readonly kind: LibraryFile; readonly from: string; readonly fileName: string },
): Promise<BuiltLibrary> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, output.fileName);
  await copyFile(output.from, `${path}.part`);
  await rename(`${path}.part`, path);
  const { size } = await stat(path);
  return {
    kind: output.kind,
    path,
    fileName: output.fileName,
    bytes: size,
    sha256: sha256Of(await readFile(path)),
  };
}
