// The record of what ran: verification.json of one target, and its claims.

/** executed = run on this machine's own processor and system; emulated = under qemu or Wine; structural = bytes only. */
export type Claim = "executed" | "emulated" | "structural";

export type Client = "c-dynamic" | "c-static" | "node" | "web";

export interface Verification {
  readonly triple: string;
  /** The strongest claim any passed run supports: executed, else emulated, else structural. */
  readonly claim: Claim;
  /** The claim of each packaged library, from its own runs alone. */
  readonly libraries: readonly LibraryClaim[];
  /** SHA-256 of the archive that was unpacked for the runs. */
  readonly archiveSha256: string;
  readonly runs: readonly SmokeRun[];
  /** Programs that name every function and were linked against the unpacked package, whether or not they can run here. */
  readonly links: readonly LinkTest[];
  /** The generated asserts on layouts and constants, by each compiler of the target; absent where the project has none. */
  readonly layouts?: readonly LayoutProof[];
  /** What could have run here but did not, with the line that would change that. */
  readonly skipped: readonly SkippedRun[];
  /** What no run on this kind of machine can prove, and why. */
  readonly limits: readonly Limit[];
}

/** Something that is claimed for the target and that stays without a run. */
export interface Limit {
  /** E.g. "glibc 2.17". */
  readonly subject: string;
  /** Why there is no run, and what proves it instead. */
  readonly reason: string;
}

/** What a program ran in. */
export interface Surroundings {
  /** "native", or the emulator as it names itself, e.g. "wine-8.0 (Debian 8.0~repack-4)". */
  readonly runner: string;
  /** The C library, where it is not the one of this machine's own system. */
  readonly libraries?: string;
}

export interface LibraryClaim {
  readonly kind: "dynamic" | "static" | "addon";
  readonly claim: Claim;
}

/** Written only from a finished child. */
export interface SmokeRun extends Surroundings {
  readonly client: Client;
  readonly claim: "executed" | "emulated";
  /** Exit code 0, every step passed, and the loaded library is the packaged one. */
  readonly ok: boolean;
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** The library file that the child reported to have loaded, and its digest; null when it reported none. */
  readonly library: { readonly path: string; readonly sha256: string } | null;
  readonly passed: number;
  readonly failed: number;
  /** What is wrong, and the last lines of output, when something failed. */
  readonly tail?: string;
}

export interface LinkTest {
  readonly client: Client;
  readonly ok: boolean;
  readonly argv: readonly string[];
  readonly compiler: string;
  /** How many functions the program names: all that the headers declare. */
  readonly functions: number;
  /** The processor or target, where one package holds the libraries of several. */
  readonly slice?: string;
  readonly durationMs: number;
  readonly tail?: string;
}

/** A compile that proves the header's layouts for the target, against the unpacked package. */
export interface LayoutProof {
  readonly ok: boolean;
  readonly compiler: string;
  readonly argv: readonly string[];
  /** How many asserts the source holds. */
  readonly asserts: number;
  /** The processor, where the libraries of one file serve several. */
  readonly slice?: string;
  readonly durationMs: number;
  readonly tail?: string;
}

export interface SkippedRun {
  readonly client: Client;
  readonly reason: string;
  readonly remedy: string;
  /** Set where the next run may succeed as things are, e.g. after a mirror that did not answer. */
  readonly transient?: true;
}

/** Which clients load which library. */
const clientsOf: Readonly<Record<LibraryClaim["kind"], readonly Client[]>> = {
  dynamic: ["c-dynamic", "web"],
  static: ["c-static"],
  addon: ["node"],
};

export function libraryClaims(
  kinds: readonly LibraryClaim["kind"][],
  runs: readonly SmokeRun[],
): LibraryClaim[] {
  return kinds.map((kind) => ({
    kind,
    claim: strongestClaim(runs.filter(({ client }) => clientsOf[kind].includes(client))),
  }));
}

export function strongestClaim(runs: readonly SmokeRun[]): Claim {
  const claims = runs.filter((run) => run.ok).map((run) => run.claim);
  if (claims.includes("executed")) return "executed";
  return claims.includes("emulated") ? "emulated" : "structural";
}

/** One line for each run or link that failed; empty when the target passed. */
export function failuresOf(verification: Verification): string[] {
  const { runs, links, layouts = [] } = verification;
  const named = [
    ...[...runs, ...links].map(({ ok, client, tail }) => ({ ok, name: client, tail })),
    ...layouts.map(({ ok, compiler, tail }) => ({ ok, name: `layouts by ${compiler}`, tail })),
  ];
  return named.filter(({ ok }) => !ok).map(({ name, tail }) => `${name}: ${tail ?? "failed"}`);
}
