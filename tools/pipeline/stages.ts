// The stages after the build as one interface, so that the order of a run can be tested without running them.
import type { Artifact } from "../build/artifact.ts";
import type { PackageFile } from "../package/package.ts";
import type { LibrarySummary } from "../report/library-summary.ts";
import type { GateName, RunReport } from "../report/run-report.ts";
import type { LinkTest, Verification } from "../smoke/verification.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Finding } from "../verify/finding.ts";
import type { Outcome } from "./verdict.ts";

/** What came of the gates, and which they were. */
export interface Judgement {
  readonly findings: readonly Finding[];
  readonly gates: readonly GateName[];
}

export interface PackedTogether {
  readonly packages: readonly PackageFile[];
  /** Programs that were linked against them. */
  readonly links: readonly LinkTest[];
}

export interface Stages {
  inspect(artifact: Artifact): Promise<Outcome<readonly LibrarySummary[]>>;
  verify(artifact: Artifact): Promise<Outcome<Judgement>>;
  /** Archive and platform package of one target. */
  package(artifact: Artifact): Promise<Outcome<readonly PackageFile[]>>;
  /** Packages that serve every target; made once for a run. */
  packageShared(): Promise<readonly PackageFile[]>;
  /** Packages that are made of several targets' libraries; none where one of those is not among the artifacts. */
  packageTogether(
    artifacts: readonly Artifact[],
    toolchainOf: (artifact: Artifact) => ToolchainPlan | undefined,
  ): Promise<PackedTogether>;
  /** Begins with what the first smoke run would wait for; whether it worked is told to that one. */
  startSmoke(): void;
  smoke(
    artifact: Artifact,
    packages: readonly PackageFile[],
    toolchain: ToolchainPlan,
    onLine: (line: string) => void,
  ): Promise<Outcome<Verification>>;
  /** Path of the report's first page. */
  report(run: RunReport): Promise<string>;
  /** Keeps what was learned for the next run, and ends what nobody waits for; also after a failure. */
  close(): Promise<void>;
}
