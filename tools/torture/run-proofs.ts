// Runs proofs one after the other and says of each how it went.
import type { Process } from "../shared/process.ts";
import { commandLine, type Need, type Outcome, type Proof, type Scale } from "./proof.ts";

export interface RunProofs {
  readonly root: string;
  readonly scale: Scale;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** What a running proof says, line by line. */
  readonly progress: (line: string) => void;
}

/** Longest a proof may take at full size before it counts as hung. */
const proofTimeoutMs = 2 * 60 * 60 * 1000;
/** Lines of a failed proof that are shown again. */
const tailLines = 40;

export async function runProofs(
  proofs: readonly Proof[],
  process: Process,
  options: RunProofs,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, proof] of proofs.entries()) {
    options.print(`── ${index + 1}/${proofs.length} ${proof.name}: ${proof.promise}`);
    const outcome = await runProof(proof, process, options);
    options.print(
      `${mark[outcome.verdict]} ${proof.name} (${outcome.seconds.toFixed(1)} s): ${outcome.detail}`,
    );
    outcomes.push(outcome);
  }
  return outcomes;
}

const mark = { passed: "ok  ", failed: "FAIL", skipped: "skip" } as const;

async function runProof(proof: Proof, process: Process, options: RunProofs): Promise<Outcome> {
  const command = proof.command(options.scale);
  const missing = await firstMissing(proof.needs, process, options);
  if (missing !== undefined)
    return { proof, command, verdict: "skipped", seconds: 0, detail: `needs: ${missing.install}` };
  options.print(`   ${commandLine(command)}`);
  const exit = await process.run(
    { ...command, cwd: options.root, timeoutMs: proofTimeoutMs },
    { signal: options.signal, onLine: options.progress },
  );
  const seconds = exit.durationMs / 1000;
  const counted = exit.code === 0 ? proof.counted(exit) : undefined;
  if (counted !== undefined) return { proof, command, verdict: "passed", seconds, detail: counted };
  options.print(tail(`${exit.stdout}\n${exit.stderr}`));
  return { proof, command, verdict: "failed", seconds, detail: reason(exit.code, exit.timedOut) };
}

async function firstMissing(
  needs: readonly Need[],
  process: Process,
  { root, signal }: RunProofs,
): Promise<Need | undefined> {
  for (const need of needs) {
    const exit = await process.run({ ...need.probe, cwd: root }, { signal });
    if (exit.code !== 0) return need;
  }
  return undefined;
}

function reason(code: number | null, timedOut: boolean): string {
  if (timedOut) return "ran into its time limit";
  if (code === 0) return "ended well but counted nothing";
  return code === null ? "ended by a signal" : `exit code ${code}`;
}

function tail(text: string): string {
  return text.trim().split("\n").slice(-tailLines).join("\n").replaceAll(/^/gm, "     ");
}
