// The committed fixtures as artifacts: copied to a folder of their own, and taken through inspect and verify from disk.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Artifact, BuiltLibrary } from "../../build/artifact.ts";
import type { ArtifactFacts } from "../../inspect/facts.ts";
import { inspectArtifact } from "../../inspect/inspect.ts";
import { libraryFileName, libraryFiles } from "../../matrix/names.ts";
import type { Target } from "../../matrix/target.ts";
import { targets } from "../../matrix/targets.ts";
import type { Finding } from "../finding.ts";
import type { VerifyContext } from "../gate.ts";
import { verifyArtifact } from "../verify.ts";

export const fixturesFolder = fileURLToPath(new URL("../../inspect/fixtures/", import.meta.url));

/** What the fixtures' source defines; the paths are ones that no fixture can have by chance. */
export const fixtureContext: VerifyContext = {
  functions: ["fixture_greets", "fixture_copy"],
  buildPaths: ["/srv/build/project"],
};

/** Triples that there are fixtures for. */
export const fixtureTriples: readonly string[] = readdirSync(fixturesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && targets.some(({ triple }) => triple === entry.name))
  .map((entry) => entry.name);

/** File contents of one fixture by file name; may be changed freely. */
export function readFixture(triple: string): Map<string, Buffer> {
  const folder = join(fixturesFolder, triple);
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Writes the files to `folder` and lets inspect and verify read them from there. */
export async function verifyFiles(
  triple: string,
  files: ReadonlyMap<string, Uint8Array>,
  folder: string,
  context: VerifyContext = fixtureContext,
): Promise<Finding[]> {
  const { artifact, facts } = await inspectFiles(triple, files, folder);
  return verifyArtifact(artifact, facts, context);
}

/** The first half of that. */
export async function inspectFiles(
  triple: string,
  files: ReadonlyMap<string, Uint8Array>,
  folder: string,
): Promise<{ artifact: Artifact; facts: ArtifactFacts[] }> {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  const artifact = artifactOf(targetOf(triple), files, folder);
  const facts = await Promise.all(artifact.libraries.map(({ path }) => inspectArtifact(path)));
  return { artifact, facts };
}

function targetOf(triple: string): Target {
  const target = targets.find((entry) => entry.triple === triple);
  if (target === undefined) throw new Error(`no target ${triple}`);
  return target;
}

function artifactOf(target: Target, files: ReadonlyMap<string, Uint8Array>, directory: string): Artifact {
  const libraries = libraryFiles(target).flatMap((kind): BuiltLibrary[] => {
    const fileName = libraryFileName(target, kind, "fixture");
    const bytes = files.get(fileName);
    if (bytes === undefined) return [];
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return [{ kind, path: join(directory, fileName), fileName, bytes: bytes.length, sha256 }];
  });
  const provenance = {
    rustc: "none",
    std: "installed",
    linker: "rust-lld or zig",
    cCompiler: "zig 0.15.2",
    sysroot: "zig",
    profile: "release",
    gitCommit: "",
    nativeStaticLibraries: [],
  } as const;
  return { target, directory, libraries, provenance };
}
