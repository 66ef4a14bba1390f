// The record of what ran: verification.json of one target, and its claims.

/** executed = run on this machine's own processor and system; emulated = under qemu or Wine; structural = bytes only. */
export type Claim = "executed" | "emulated" | "structural";

export interface Verification {
  readonly triple: string;
  /** The strongest claim any run supports: executed, else emulated, else structural. */
  readonly claim: Claim;
  /** SHA-256 of the archive that was unpacked for the runs. */
  readonly archiveSha256: string;
  readonly runs: readonly SmokeRun[];
  /** What could have run here but did not, with the line that would change that. */
  readonly skipped: readonly { readonly client: string; readonly reason: string; readonly remedy: string }[];
}

/** Written only from a finished child. */
export interface SmokeRun {
  readonly client: "c-dynamic" | "c-static" | "node";
  readonly claim: "executed" | "emulated";
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** The library file that the child reported to have loaded, and its digest. */
  readonly library: { readonly path: string; readonly sha256: string };
  readonly passed: number;
  readonly failed: number;
  /** Last lines of output when something failed. */
  readonly tail?: string;
}
