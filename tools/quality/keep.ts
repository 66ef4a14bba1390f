// Runs promises one after the other, prints a line each, and sums what was counted.
import { exitCodes, type ExitCode } from "../shared/errors.ts";
import type { Exit, Process } from "../shared/process.ts";
import { countSelf, type Counts, type KeptPromise } from "./promise.ts";

export interface KeepOptions {
  readonly root: string;
  /** Treat a skipped test as a failure: the machine is meant to have everything. */
  readonly forbidSkips: boolean;
  /** Show the output of suites while they run. */
  readonly verbose: boolean;
  readonly signal: AbortSignal;
}

/** Longest a suite may take before it counts as hung. */
const suiteTimeoutMs = 40 * 60 * 1000;

export async function keepPromises(
  promises: readonly KeptPromise[],
  process: Process,
  options: KeepOptions,
): Promise<ExitCode> {
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const promise of promises) {
    const exit = await runPromise(promise, process, options);
    const counts = settle(promise, exit);
    report(promise, exit, counts, options);
    total = add(total, counts);
  }
  const failed = total.failed + (options.forbidSkips ? total.skipped : 0);
  if (options.forbidSkips && total.skipped > 0) console.log(`skipped tests count as failed here (CI)`);
  console.log(`\n${total.passed} passed, ${failed} failed, ${total.skipped} skipped`);
  return failed === 0 ? exitCodes.ok : exitCodes.finding;
}

function runPromise(promise: KeptPromise, process: Process, options: KeepOptions): Promise<Exit> {
  const isSuite = promise.count !== undefined;
  if (isSuite) console.log(`\n── ${promise.name}`);
  return process.run(
    { ...promise.command, cwd: options.root, timeoutMs: suiteTimeoutMs },
    {
      signal: options.signal,
      ...(isSuite && options.verbose ? { onLine: (line: string) => console.log(line) } : {}),
    },
  );
}

/** A suite that dies without counting a failure has still failed. */
function settle(promise: KeptPromise, exit: Exit): Counts {
  const counts = (promise.count ?? countSelf)(exit);
  const empty = counts.passed + counts.failed === 0;
  const silentFailure = exit.code !== 0 && counts.failed === 0;
  return silentFailure || empty ? { ...counts, failed: counts.failed + 1 } : counts;
}

function report(promise: KeptPromise, exit: Exit, counts: Counts, options: KeepOptions): void {
  const seconds = (exit.durationMs / 1000).toFixed(1);
  const mark = counts.failed === 0 ? "ok  " : "FAIL";
  console.log(`${mark} ${promise.name} (${seconds} s)`);
  if (counts.failed === 0) return;
  const shown = promise.count !== undefined && options.verbose;
  if (!shown) console.log(indent(tail(`${exit.stdout}\n${exit.stderr}`)));
  console.log(`     ${exit.timedOut ? "ran into its time limit; " : ""}to see or mend it: ${promise.remedy}`);
}

function tail(text: string): string {
  return text.trim().split("\n").slice(-60).join("\n");
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "     ");
}

function add(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}
