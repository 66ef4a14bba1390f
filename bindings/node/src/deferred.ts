// A promise with its two ends, and waiting that an AbortSignal can end.

export class Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits sees the rejection; nobody waiting is not a crash.
    this.promise.catch(() => undefined);
  }
}

/** Waits for `promise`; an abort calls `cancel`, then rejects with the signal's reason. */
export async function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  cancel: () => void,
): Promise<Value> {
  if (signal === undefined) return promise;
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
