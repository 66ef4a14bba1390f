// The manifest of a package: what it holds and how it was built; its JSON Schema is manifest.schema.json.
import type { Artifact, Provenance } from "../build/artifact.ts";
import type { Floor } from "../matrix/target.ts";
import type { Project } from "../shared/project.ts";
import type { ArchiveEntry } from "./archive-entry.ts";
import type { AbiIdentity } from "./context.ts";
import { sha256Of } from "../shared/digest.ts";
import type { InstalledLibrary } from "./layout.ts";

export interface Manifest {
  readonly format: 1;
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly target: {
    readonly triple: string;
    readonly family: string;
    readonly cpu: string;
    readonly floor: Floor;
  };
  readonly abi: AbiIdentity;
  readonly provenance: Provenance;
  /** Every other file of the package, in byte order of the paths. */
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  readonly path: string;
  readonly kind: "dynamic" | "static" | "import" | "header" | "document" | "build-system";
  readonly bytes: number;
  readonly sha256: string;
}

/** `entries` are sorted and do not hold the manifest itself. */
export function manifestOf(
  project: Project,
  artifact: Artifact,
  abi: AbiIdentity,
  libraries: readonly InstalledLibrary[],
  entries: readonly ArchiveEntry[],
): Manifest {
  const { triple, family, cpu, floor } = artifact.target;
  return {
    format: 1,
    name: project.name,
    version: project.version,
    license: project.license,
    target: { triple, family, cpu, floor },
    abi,
    provenance: artifact.provenance,
    files: entries.map((entry) => ({
      path: entry.path,
      kind: kindOf(entry.path, libraries),
      bytes: entry.bytes.length,
      sha256: sha256Of(entry.bytes),
    })),
  };
}

function kindOf(path: string, libraries: readonly InstalledLibrary[]): ManifestFile["kind"] {
  const library = libraries.find((candidate) => candidate.path === path);
  if (library !== undefined) return library.kind;
  if (path.startsWith("include/")) return "header";
  return path.startsWith("lib/") ? "build-system" : "document";
}
