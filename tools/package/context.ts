// What every packaging function needs to know besides the artifact.
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";

export interface PackageContext {
  readonly project: Project;
  readonly process: Process;
  /** Folder of the finished packages, e.g. artifacts/packages; created when missing. */
  readonly packagesDirectory: string;
  /** Seconds since 1970 that every archive entry carries; see sourceDateEpoch(). */
  readonly sourceDateEpoch: number;
  /** Identity of the C ABI that the headers describe, from the project's ABI model. */
  readonly abi: AbiIdentity;
  readonly signal?: AbortSignal;
}

export interface AbiIdentity {
  /** "major.minor.patch". */
  readonly version: string;
  /** SHA-256 of the model: 64 lower-case hex digits. */
  readonly hash: string;
}
