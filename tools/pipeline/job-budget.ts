// Shares cores and memory among the targets of a run: how many are built side by side, and how many jobs each may use.
import type { MachineLimits } from "./machine-limits.ts";

export interface JobBudget {
  /** Processes at a time, all targets together. */
  readonly jobs: number;
  /** Targets built side by side; as many more may be at their smoke run, which mostly waits. */
  readonly parallel: number;
  /** cargo's --jobs for each of them, which is also how many code generation threads rustc may start. */
  readonly jobsEach: number;
  /** Whether the last targets of the run may take the cores that others leave; never where a person or the memory limits them. */
  readonly growsAtEnd: boolean;
  /** What set the limit, for people. */
  readonly reason: string;
}

/**
 * Of one build: rustc in the link-time optimisation of the whole crate graph peaks at 0.45 GB of resident memory
 * (`ps -o rss`, all targets of the table); as much again for what runs beside it, and a tenth for luck.
 */
export const memoryOfOneBuild = 2 ** 30;

/**
 * A build has one thread for half of its time, in the link-time optimisation: cores are busy throughout only where as many
 * targets as there are jobs go side by side.
 */
export function planJobs(
  targets: number,
  limits: MachineLimits,
  asked: { readonly jobs: number | undefined; readonly memory: number | undefined },
): JobBudget {
  const jobs = asked.jobs ?? limits.cores;
  const memory = asked.memory ?? limits.memory;
  const byCores = Math.max(1, Math.floor(jobs));
  const byMemory = Math.max(1, Math.floor(memory / memoryOfOneBuild));
  const parallel = Math.max(1, Math.min(targets, byCores, byMemory));
  return {
    jobs,
    parallel,
    jobsEach: Math.max(1, Math.floor(jobs / parallel)),
    growsAtEnd: asked.jobs === undefined && parallel === byCores && targets > parallel,
    reason: reasonOf({ parallel, byCores, byMemory, jobs, memory }, limits, asked),
  };
}

/**
 * cargo's --jobs for a target after which so many are still to be started. Of the builds under way when the last ones begin,
 * half are about to end, and what those leave would be idle.
 */
export function jobsOf({ jobs, parallel, jobsEach, growsAtEnd }: JobBudget, unstarted: number): number {
  if (!growsAtEnd || unstarted >= parallel) return jobsEach;
  return Math.min(jobs, Math.max(jobsEach, Math.floor((2 * jobs) / (unstarted + 1))));
}

function reasonOf(
  found: Readonly<Record<"parallel" | "byCores" | "byMemory" | "jobs" | "memory", number>>,
  { from }: MachineLimits,
  asked: { readonly jobs: number | undefined; readonly memory: number | undefined },
): string {
  const cores = `${found.jobs} jobs (${asked.jobs === undefined ? from.cores : "--jobs"})`;
  const gigabytes = `${(found.memory / 2 ** 30).toFixed(1)} GiB (${asked.memory === undefined ? from.memory : "--memory"})`;
  const side = `${found.parallel} ${found.parallel === 1 ? "target" : "targets"} side by side`;
  const held =
    found.byMemory < found.byCores && found.parallel === found.byMemory ? ", held back by memory" : "";
  return `${cores}, ${gigabytes}: ${side}${held}`;
}
