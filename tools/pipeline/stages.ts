// The stages after the build as one interface, so that the order of a run can be tested without running them.
import type { Artifact } from "../build/artifact.ts";
import type { ArtifactFacts } from "../inspect/facts.ts";
import type { PackageFile } from "../package/package.ts";
import type { RunReport } from "../report/run-report.ts";
import type { Verification } from "../smoke/verification.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Finding } from "../verify/finding.ts";

export interface Stages {
  inspect(artifact: Artifact): Promise<readonly ArtifactFacts[]>;
  verify(artifact: Artifact, facts: readonly ArtifactFacts[]): Promise<readonly Finding[]>;
  /** Archive and platform package of one target. */
  package(artifact: Artifact): Promise<readonly PackageFile[]>;
  /** Packages that serve every target; made once for a run. */
  packageShared(): Promise<readonly PackageFile[]>;
  smoke(
    artifact: Artifact,
    packages: readonly PackageFile[],
    toolchain: ToolchainPlan,
    onLine: (line: string) => void,
  ): Promise<Verification>;
  /** Path of the report's first page. */
  report(run: RunReport): Promise<string>;
}
