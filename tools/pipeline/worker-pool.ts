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
