// Runs the steps of a compile or a link, one after the other, to what every record of one says.
import type { Command, Process } from "../shared/process.ts";

/** The common part of the records in verification.json. */
export interface StepsRecord {
  readonly ok: boolean;
  /** The step that failed, or else the last one. */
  readonly argv: readonly string[];
  /** Of all steps that were run. */
  readonly durationMs: number;
  /** The end of what a failed step said. */
  readonly tail?: string;
}

/** Nothing is run after a step that failed. */
export async function runSteps(
  steps: readonly Command[],
  { process, signal }: { readonly process: Process; readonly signal?: AbortSignal },
): Promise<StepsRecord> {
  let record: StepsRecord = { ok: true, argv: [], durationMs: 0 };
  for (const command of steps) {
    const { code, stdout, stderr, durationMs } = await process.run(command, signal ? { signal } : {});
    record = {
      ok: code === 0,
      argv: [command.program, ...command.args],
      durationMs: record.durationMs + durationMs,
      ...(code === 0 ? {} : { tail: lastLines(stderr + stdout) }),
    };
    if (!record.ok) break;
  }
  return record;
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-20).join("\n");
}
