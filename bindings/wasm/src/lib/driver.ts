// What drives a client over any transport: takes what is to be sent, hands events on, keeps the one timer.
import type { NnrpClient } from "./client.ts";
import type { ClientEvent } from "./client-events.ts";

/** The transport as the driver needs it. */
export interface TransportPort {
  /** Whether it takes more now; if not, it calls `Driver.advance` when it does. */
  hasRoom(): boolean;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends the write side. */
  endWrite(): void;
  /** Drops the transport. */
  drop(): void;
}

export interface DriveOptions {
  /** Gets every event in its order; commands may be given from within. What it throws ends the connection. */
  readonly onEvent: (event: ClientEvent) => void;
}

/** Longest time that one timer can wait. */
const longestTimerMs = 0x7fff_ffff;

/** Carries out the order of calls of NnrpClient. */
export class Driver {
  /** Settles when the transport is gone: rejects if the connection failed or `onEvent` threw. */
  readonly closed: Promise<void>;
  readonly #client: NnrpClient;
  readonly #port: TransportPort;
  readonly #onEvent: (event: ClientEvent) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #settle: { resolve: () => void; reject: (cause: unknown) => void };
  #failure: { readonly cause: unknown } | undefined;
  #isAdvancing = false;
  #isScheduled = false;
  #hasEndedWrite = false;
  #isGone = false;

  constructor(client: NnrpClient, port: TransportPort, { onEvent }: DriveOptions) {
    this.#client = client;
    this.#port = port;
    this.#onEvent = onEvent;
    this.#settle = { resolve: () => undefined, reject: () => undefined };
    this.closed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever waits for it hears of a failure; whoever does not has the last event.
    this.closed.catch(() => undefined);
    client.onCommand = () => this.#schedule();
    this.#schedule();
  }

  /** Bytes have arrived. */
  receive(bytes: Uint8Array): void {
    if (this.#isGone) return;
    this.#guard(() => this.#client.receive(bytes));
    this.advance();
  }

  /** The transport has ended: cleanly, or with what was sent lost. */
  ended(clean: boolean): void {
    if (this.#isGone) return;
    this.#guard(() => (clean ? this.#client.endOfStream() : this.#client.transportLost()));
    this.advance();
    this.#leave();
  }

  /** The transport brought what the protocol does not know: it is dropped. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#leave();
  }

  /** Sends, tells and waits as far as each is possible now. */
  advance(): void {
    if (this.#isAdvancing || this.#isGone) return;
    this.#isAdvancing = true;
    try {
      this.#guard(() => this.#run());
    } finally {
      this.#isAdvancing = false;
    }
  }

  #run(): void {
    do this.#sendAll();
    while (this.#tellSome());
    this.#sendAll();
    if (this.#client.shouldEndWrite && !this.#hasEndedWrite) {
      this.#hasEndedWrite = true;
      this.#port.endWrite();
    }
    if (this.#client.isFinished) this.#leave();
    else this.#setTimer();
  }

  #sendAll(): void {
    while (!this.#hasEndedWrite && !this.#isGone && this.#port.hasRoom()) {
      const bytes = this.#client.transmit();
      if (bytes === undefined) return;
      this.#port.send(bytes);
    }
  }

  #tellSome(): boolean {
    const events = this.#client.events();
    for (const event of events) {
      if (event.type === "connectionEnded" && event.error !== undefined)
        this.#failure ??= { cause: event.error };
      this.#onEvent(event);
    }
    return events.length > 0;
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const deadline = this.#client.deadline();
    if (deadline === undefined) return;
    const wait = Math.min(Math.max(0, Math.ceil(deadline - this.#client.now())), longestTimerMs);
    this.#timer = setTimeout(() => {
      this.#guard(() => this.#client.tick());
      this.advance();
    }, wait);
  }

  /** Commands of one turn leave together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.advance();
    });
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.fail(cause);
    }
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#timer);
    this.#client.onCommand = undefined;
    this.#port.drop();
    if (this.#failure === undefined) this.#settle.resolve();
    else this.#settle.reject(this.#failure.cause);
  }
}
