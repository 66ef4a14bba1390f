// What the report is made of: one entry a target, filled by the stages that ran.
import type { Artifact } from "../build/artifact.ts";
import type { Target } from "../matrix/target.ts";
import type { PackageFile } from "../package/package.ts";
import type { Step } from "../shared/progress.ts";
import type { LinkTest, Verification } from "../smoke/verification.ts";
import type { Finding } from "../verify/finding.ts";
import type { LibrarySummary } from "./library-summary.ts";
import type { PreviousRelease } from "./previous-release.ts";

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
  /** Programs that were linked against packages of several targets. */
  readonly links: readonly LinkTest[];
  /** What the sizes and symbols are compared with. */
  readonly previous?: PreviousRelease;
}

export interface GateName {
  readonly id: string;
  readonly severity: Finding["severity"];
  readonly title: string;
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
  /** What each library is, as read from its bytes. */
  readonly libraries?: readonly LibrarySummary[];
  readonly findings: readonly Finding[];
  /** The rules that the libraries were judged by, in the order of their list; absent where they were not. */
  readonly gates?: readonly GateName[];
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
  /** What usually causes it, where the log shows a known sign. */
  readonly cause?: string;
  /** The lines of the log that say it. */
  readonly lines?: readonly string[];
  /** Absolute path of the whole log. */
  readonly log?: string;
  /** Where a compiler points to; the file is as the compiler names it, relative to the project's root. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
}

export interface StepReport {
  readonly step: Step;
  readonly ok: boolean;
  /** What it took when it last ran. */
  readonly seconds: number;
  readonly reused: boolean;
  readonly detail: string;
}
