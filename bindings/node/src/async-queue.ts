// A bounded queue between event dispatch, which never waits, and one async consumer.
import { abortable, Deferred } from "./deferred.ts";

export class AsyncQueue<Item> {
  readonly #limit: number;
  readonly #items: Item[] = [];
  readonly #waiting: Deferred<IteratorResult<Item, undefined>>[] = [];
  #ended = false;
  #failure: Error | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False if the queue is full; the item is then not taken. */
  push(item: Item): boolean {
    if (this.#ended) return true;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: item });
      return true;
    }
    if (this.#items.length >= this.#limit) return false;
    this.#items.push(item);
    return true;
  }

  /** Gives up the oldest item to make room. */
  dropOldest(): void {
    this.#items.shift();
  }

  /** What was pushed is still delivered, then the iteration ends, or throws `failure`. */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting);
  }

  /** Items not yet taken are given to nobody. */
  clear(): void {
    this.#items.length = 0;
  }

  async next(signal?: AbortSignal): Promise<IteratorResult<Item, undefined>> {
    signal?.throwIfAborted();
    const item = this.#items.shift();
    if (item !== undefined) return { done: false, value: item };
    const waiting = new Deferred<IteratorResult<Item, undefined>>();
    if (this.#ended) this.#finish(waiting);
    else this.#waiting.push(waiting);
    return abortable(waiting.promise, signal, () => {
      const index = this.#waiting.indexOf(waiting);
      if (index >= 0) this.#waiting.splice(index, 1);
    });
  }

  /** A failure is thrown once; afterwards the iteration is over. */
  #finish(waiting: Deferred<IteratorResult<Item, undefined>>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(failure);
  }
}
