// Joins the finished libraries of several targets into those of a target that is made of them.
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crateOf } from "../matrix/crate.ts";
import { libraryFileName } from "../matrix/names.ts";
import { sha256Of } from "../shared/digest.ts";
import type { FileDigests } from "../shared/file-digest.ts";
import { ToolError } from "../shared/errors.ts";
import type { Project } from "../shared/project.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Artifact, BuiltLibrary, Provenance } from "./artifact.ts";
import { fatFile } from "./fat-file.ts";
import { forgetRecord, readFinished, takeOver, writeRecord } from "./record.ts";
import type { BuildResult } from "./run.ts";

/** Counts up when the same slices are joined in another way. */
const layout = 1;

export async function combineSlices(
  project: Project,
  { target, sysroot }: ToolchainPlan,
  slices: readonly Artifact[],
  directories: { readonly artifact: string; readonly work: string },
  digests: FileDigests,
): Promise<BuildResult> {
  const key = combinationKey(target.triple, slices);
  const finished = await readFinished(directories.artifact, key, digests);
  if (finished !== undefined) return { artifact: { ...finished, target }, reused: true };
  await forgetRecord(directories.artifact);
  await mkdir(directories.artifact, { recursive: true });
  await mkdir(directories.work, { recursive: true });
  const libraries: BuiltLibrary[] = [];
  for (const kind of target.libraries) {
    const fileName = libraryFileName(target, kind, crateOf(project, target).library);
    const from = join(directories.work, fileName);
    await writeWholeFile(from, fatFile(await Promise.all(slices.map((slice) => readSlice(slice, kind)))));
    libraries.push(await takeOver(directories.artifact, { kind, from, fileName }));
    await rm(from);
  }
  const provenance: Provenance = { ...joinedProvenance(slices), sysroot };
  const artifact: Artifact = { target, directory: directories.artifact, libraries, provenance };
  await writeRecord({ ...artifact, contentKey: key });
  return { artifact, reused: false };
}

function combinationKey(triple: string, slices: readonly Artifact[]): string {
  const parts = slices.map(({ libraries, provenance }) => ({
    libraries: libraries.map(({ kind, sha256 }) => [kind, sha256]),
    provenance,
  }));
  return sha256Of(JSON.stringify({ layout, triple, parts }));
}

async function readSlice(slice: Artifact, kind: BuiltLibrary["kind"]) {
  const library = slice.libraries.find((candidate) => candidate.kind === kind);
  if (library === undefined) throw missingSlice(slice, kind);
  return { target: slice.target, bytes: await readFile(library.path) };
}

/** Slices come out of one run: what is not the same for all of them is named slice by slice. */
function joinedProvenance(slices: readonly Artifact[]): Provenance {
  const [first, ...others] = slices.map(({ provenance }) => provenance);
  if (first === undefined) throw new RangeError("a target is made of one target at least");
  const native = [first, ...others].flatMap(({ nativeStaticLibraries }) => nativeStaticLibraries);
  return {
    ...first,
    nativeStaticLibraries: [...new Set(native)],
    slices: slices.map(({ target, provenance }) => ({ triple: target.triple, std: provenance.std })),
  };
}

function missingSlice({ target }: Artifact, kind: string): ToolError {
  return new ToolError({
    code: "slice-missing",
    family: "finding",
    message: `${target.triple} has no ${kind} library to put into a fat file`,
    remedy: `build ${target.triple} again`,
  });
}
