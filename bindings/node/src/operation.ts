// One submit and what comes of it: awaited for its final result, or iterated for every one.
import { AsyncQueue } from "./async-queue.ts";
import { Deferred } from "./deferred.ts";
import { NnrpUsageError } from "./errors.ts";
import { NnrpStatus } from "./native/constants.g.ts";
import type { WaitOptions } from "./options.ts";
import type { Result } from "./result.ts";

/** The session's side of an operation. */
export class OperationState {
  readonly #final = new Deferred<Result>();
  readonly #results: AsyncQueue<Result>;
  readonly #limit: number;
  #isIterated = false;
  #isSettled = false;
  /** Takes the submit back if it still waits, for this reason, else tells the server that the results are not wanted. Set by the session. */
  cancel: (reason?: unknown) => void = () => undefined;

  constructor(limit: number) {
    this.#limit = limit;
    this.#results = new AsyncQueue(limit);
  }

  get final(): Promise<Result> {
    return this.#final.promise;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  onResult(result: Result): void {
    if (this.#isSettled) return;
    if (!this.#results.push(result)) this.#overflow(result);
    if (result.isPartial || this.#isSettled) return;
    this.#isSettled = true;
    this.#results.end();
    this.#final.resolve(result);
  }

  fail(error: Error): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#results.end(error);
    this.#final.reject(error);
  }

  async *iterate(options: WaitOptions): AsyncGenerator<Result, void, undefined> {
    this.#isIterated = true;
    try {
      for (;;) {
        const next = await this.#results.next(options.signal);
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      // Leaving early means that nobody wants the rest.
      if (!this.#isSettled) {
        this.cancel();
        this.fail(abandoned());
      }
    }
  }

  /** Without a reader only the last results matter; a reader that falls this far behind must not grow memory. */
  #overflow(result: Result): void {
    if (!this.#isIterated) {
      this.#results.dropOldest();
      this.#results.push(result);
      return;
    }
    this.cancel();
    this.fail(tooSlow(this.#limit));
  }
}

/** What `submit` returns. `await` it for the final result, or iterate `results()` for partial ones too. */
export class Operation implements PromiseLike<Result> {
  readonly #state: OperationState;
  /** Resolves with the frame id once the submit is queued; waits while the session has no room. */
  readonly accepted: Promise<number>;

  constructor(state: OperationState, accepted: Promise<number>) {
    this.#state = state;
    this.accepted = accepted;
  }

  /** Every result in order, the last of them not partial. Throws NnrpDropError if the server drops the submit. */
  results(options: WaitOptions = {}): AsyncIterableIterator<Result> {
    return this.#state.iterate(options);
  }

  /** The final result. */
  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((result: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#state.final.then(onFulfilled, onRejected);
  }

  /** Asks the server to stop; whether a result or a drop follows is up to the server. */
  cancel(): void {
    this.#state.cancel();
  }
}

function abandoned(): NnrpUsageError {
  return new NnrpUsageError("the iteration over the results was left early, so the operation was cancelled", {
    code: "NNRP_STATUS_CLOSED",
    status: NnrpStatus.CLOSED,
  });
}

function tooSlow(limit: number): NnrpUsageError {
  return new NnrpUsageError(
    `${limit} results wait to be read, so the operation was cancelled; read faster or raise maxBufferedResults`,
    { code: "NNRP_STATUS_LIMIT_EXCEEDED", status: NnrpStatus.LIMIT_EXCEEDED, detail: limit },
  );
}
