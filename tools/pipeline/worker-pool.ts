// Runs independent jobs, a limited number at a time, in order of their place in the list.

/** Resolves when all have ended; `stop` is asked before each start, so that a failure can end the rest early. */
export async function runPool<T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
  stop: () => boolean,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !stop(); item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

/** How many targets are built side by side, and how many processes each may use. */
export function shareJobs(
  jobs: number,
  targets: number,
): { readonly parallel: number; readonly jobsEach: number } {
  // A build is single-threaded for half of its time (the link-time optimisation): two threads each keep cores busy.
  const parallel = Math.max(1, Math.min(targets, Math.floor(jobs / 2)));
  return { parallel, jobsEach: Math.max(1, Math.floor(jobs / parallel)) };
}
