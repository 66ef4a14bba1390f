// Order and back pressure of what a session sends: an attempt that would block waits, with all after it, for room.
import { Deferred } from "./deferred.ts";
import { NnrpUsageError, type NnrpError } from "./errors.ts";
import { NnrpStatus } from "./native/constants.g.ts";

/** One message on its way to the library. */
export interface Sending {
  /** Resolves when the library has taken it. */
  readonly accepted: Promise<void>;
  /** Takes it back if it still waits; `accepted` then rejects with `reason`. */
  readonly withdraw: (reason: unknown) => void;
}

interface Attempt {
  /** Returns a status; called again when there is room after NNRP_STATUS_WOULD_BLOCK. */
  readonly run: () => number;
  readonly done: Deferred<void>;
}

export class SendGate {
  readonly #limit: number;
  readonly #errorOf: (status: number) => NnrpError;
  #waiting: Attempt[] = [];

  /** `limit`: how many may wait before that is taken for a runaway producer. */
  constructor(limit: number, errorOf: (status: number) => NnrpError) {
    this.#limit = limit;
    this.#errorOf = errorOf;
  }

  /** Runs the attempt at once if nothing waits. */
  send(run: () => number): Sending {
    const attempt: Attempt = { run, done: new Deferred<void>() };
    if (this.#waiting.length >= this.#limit) attempt.done.reject(runaway(this.#limit));
    else if (this.#waiting.length > 0 || !this.#settle(attempt)) this.#waiting.push(attempt);
    return { accepted: attempt.done.promise, withdraw: (reason) => this.#withdraw(attempt, reason) };
  }

  /** There is room again. */
  writable(): void {
    while (this.#waiting[0] !== undefined && this.#settle(this.#waiting[0])) this.#waiting.shift();
  }

  /** What waits will never be sent. */
  end(reason: Error): void {
    for (const { done } of this.#waiting.splice(0)) done.reject(reason);
  }

  /** False if the attempt has to wait. */
  #settle({ run, done }: Attempt): boolean {
    try {
      const status = run();
      if (status === NnrpStatus.WOULD_BLOCK) return false;
      if (status === NnrpStatus.OK) done.resolve();
      else done.reject(this.#errorOf(status));
    } catch (error) {
      // A field that does not fit its width.
      done.reject(error);
    }
    return true;
  }

  #withdraw(attempt: Attempt, reason: unknown): void {
    const index = this.#waiting.indexOf(attempt);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    attempt.done.reject(reason);
  }
}

function runaway(limit: number): NnrpUsageError {
  return new NnrpUsageError(
    `${limit} messages already wait for room on this session; await what you send, or raise maxWaiting`,
    { code: "NNRP_STATUS_LIMIT_EXCEEDED", status: NnrpStatus.LIMIT_EXCEEDED, detail: limit },
  );
}
