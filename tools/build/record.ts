// artifact.json: written last and whole, so that its presence means that everything it names is finished.
import { copyFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LibraryFile } from "../matrix/names.ts";
import { sha256Of } from "../shared/digest.ts";
import type { FileDigests } from "../shared/file-digest.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import type { StdProvider } from "../toolchain/toolchain.ts";
import type { Artifact, BuiltLibrary, Provenance, StdSizes } from "./artifact.ts";

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

/** Sizes of the last build in this folder, with this profile, whose std was not `std` but prebuilt instead of built, or built. */
export async function sizesWithOtherStd(
  directory: string,
  std: StdProvider,
  profile: Provenance["profile"],
): Promise<StdSizes | undefined> {
  const record = await readRecord(directory);
  if (record?.provenance.profile !== profile) return undefined;
  if (isBuilt(record.provenance.std) === isBuilt(std)) return record.otherStd;
  const libraries = record.libraries.map(({ kind, bytes }) => ({ kind, bytes }));
  return { std: record.provenance.std, gitCommit: record.provenance.gitCommit, libraries };
}

/** rustup's std and an installed one are the same bytes. */
function isBuilt(std: StdProvider): boolean {
  return std === "build-std" || std === "distribution";
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
