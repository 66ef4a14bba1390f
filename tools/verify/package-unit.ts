// A package as the gates see it: one archive or folder with its entries, and the libraries among them.
import type { ArtifactFacts } from "../inspect/facts.ts";
import type { LibraryRole, Rule } from "./gate.ts";

/** A rule about a whole package. */
export interface PackageGate extends Rule {
  check(unit: PackageUnit): Iterable<PackageViolation>;
}

export interface PackageUnit {
  /** Name of the archive or folder itself, without its folder. */
  readonly name: string;
  /** Whether it is a folder on disk, which nobody unpacks. */
  readonly isFolder: boolean;
  /** Size of the archive; undefined for a folder, and for an archive inside another. */
  readonly packedBytes: number | undefined;
  readonly entries: readonly PackageEntry[];
  readonly libraries: readonly PackagedLibrary[];
  /** What the archive's own reader objects to. */
  readonly problems: readonly PackageProblem[];
}

export interface PackageEntry {
  /** Path inside the package, with "/". */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "device";
  /** Permission bits, where the archive records them. */
  readonly mode: number | undefined;
  readonly bytes: number;
  /** Where the entry's header stands in the package. */
  readonly offset: number;
  readonly linkTarget: string | undefined;
  /** Of regular files. */
  readonly sha256: string | undefined;
  /** Why a file with the name or mark of a library cannot be read as one. */
  readonly unreadable: { readonly offset: number; readonly problem: string } | undefined;
  /** Text of the small files that describe a package. */
  readonly text: string | undefined;
}

export interface PackagedLibrary {
  readonly entry: PackageEntry;
  readonly library: LibraryRole;
  readonly facts: ArtifactFacts;
  readonly bytes: Uint8Array;
}

export interface PackageProblem {
  /** Stable name of what is wrong, e.g. "duplicate-name". */
  readonly code: string;
  /** Path of the entry, where the problem is of one. */
  readonly path: string | undefined;
  readonly offset: number;
  readonly message: string;
}

export interface PackageViolation {
  /** The entry that is wrong; undefined for the package as a whole. */
  readonly path?: string;
  readonly section: string;
  readonly offset: number;
  readonly value: string;
  /** Whether the rule's milder form is meant. */
  readonly isMilder?: true;
}

/** A violation of one entry, at its header. */
export function entryViolation(
  { path, offset }: PackageEntry,
  section: string,
  value: string,
): PackageViolation {
  return { path, section, offset, value };
}

/** The entries whose path matches, with the groups of the match. */
export function matching(
  unit: PackageUnit,
  pattern: RegExp,
): { readonly entry: PackageEntry; readonly match: RegExpExecArray }[] {
  return unit.entries.flatMap((entry) => {
    const match = pattern.exec(entry.path);
    return match === null ? [] : [{ entry, match }];
  });
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
