// Runs independent jobs, a limited number at a time, in order of their place in the list.

/**
 * Resolves when all have ended; `stop` is asked before each start, so that a failure can end the rest early. A job that calls
 * `moveOn` gives its place to the next one: from then on it is one of as many again, and waits where there are so many.
 */
export async function runPool<T>(
  items: readonly T[],
  limit: number,
  run: (item: T, moveOn: () => Promise<void>) => Promise<void>,
  stop: () => boolean,
): Promise<void> {
  const queue = [...items];
  const movedOn = new Places(limit);
  const started: Promise<void>[] = [];
  const start = async (item: T, leave: () => void): Promise<void> => {
    let holdsPlace = false;
    const moveOn = async (): Promise<void> => {
      await movedOn.take();
      holdsPlace = true;
      leave();
    };
    try {
      await run(item, moveOn);
    } finally {
      if (holdsPlace) movedOn.give();
    }
  };
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !stop(); item = queue.shift())
      await leftOrEnded(item, start, started);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  await Promise.all(started);
}

function leftOrEnded<T>(
  item: T,
  start: (item: T, leave: () => void) => Promise<void>,
  started: Promise<void>[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const job = start(item, resolve);
    // Also tells the waiting worker of a failure, which is nobody's any more once the job has moved on; `started` keeps it.
    job.then(resolve, reject);
    started.push(job);
  });
}

class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Handed over where somebody waits, so that nobody else takes it in between. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
