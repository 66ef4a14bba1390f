// What the report is made of: one entry a target, filled by the stages that ran.
import type { Artifact } from "../build/artifact.ts";
import type { Target } from "../matrix/target.ts";
import type { PackageFile } from "../package/package.ts";
import type { Step } from "../shared/progress.ts";
import type { Verification } from "../smoke/verification.ts";
import type { Finding } from "../verify/finding.ts";

export interface RunReport {
  readonly project: { readonly name: string; readonly version: string };
  readonly gitCommit: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly host: string;
  /** Names and versions of the toolchains in use, e.g. { name: "zig", version: "0.15.2", from: "wheel in the cache" }. */
  readonly tools: readonly ToolVersion[];
  readonly targets: readonly TargetReport[];
  /** Packages that serve every target, e.g. the npm root. */
  readonly packages: readonly PackageFile[];
}

export interface ToolVersion {
  readonly name: string;
  readonly version: string;
  readonly from: string;
}

export interface TargetReport {
  readonly target: Target;
  readonly planned: boolean;
  /** With what it is built, or why it cannot be. */
  readonly reason: string;
  /** The one line that would make it buildable. */
  readonly remedy?: string;
  readonly seconds: number;
  readonly steps: readonly StepReport[];
  readonly artifact?: Artifact;
  readonly findings: readonly Finding[];
  readonly packages: readonly PackageFile[];
  readonly verification?: Verification;
  /** What stopped the target. */
  readonly failure?: TargetFailure;
}

export interface TargetFailure {
  /** Of the ToolError; "defect" for anything else. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface StepReport {
  readonly step: Step;
  readonly ok: boolean;
  readonly seconds: number;
  readonly detail: string;
}
