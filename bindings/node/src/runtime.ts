// The event queue of this environment: one wake, batched drains, and dispatch to whoever an event belongs to.
import { errorOf, lastError } from "./diagnosis.ts";
import type { Library } from "./library.ts";
import { loadLibrary } from "./load.ts";
import { NnrpStatus } from "./native/constants.g.ts";
import { layout } from "./native/layout.g.ts";
import { NnrpEventView } from "./native/views.g.ts";

/** Gets the events of one connection, session or listener. The view and the body are valid during the call; the body is a copy. */
export interface EventSink {
  onEvent(event: NnrpEventView, body: Uint8Array): void;
}

/** Payload-carrying events that may wait in the library before it stops reading from peers. */
const queueCapacity = 4096;
/** Batches drained before other work of the event loop gets its turn. */
const batchesPerTurn = 32;
const noBytes = new Uint8Array(0);

const runtimes = new Map<Library, Runtime>();

/** The runtime of this environment for a library, made at the first call. */
export function runtimeOf(nativeLibrary: string | undefined): Runtime {
  const library = loadLibrary(nativeLibrary);
  const known = runtimes.get(library);
  if (known !== undefined) return known;
  const runtime = new Runtime(library);
  runtimes.set(library, runtime);
  return runtime;
}

export class Runtime {
  readonly library: Library;
  readonly queue: number;
  readonly #event: NnrpEventView;
  readonly #sinks = new Map<number, EventSink>();
  #drainScheduled = false;

  constructor(library: Library) {
    const { addon, plan } = library;
    this.library = library;
    this.#event = new NnrpEventView(library.memory);
    this.check(addon.queueCreate(queueCapacity, plan.out));
    this.queue = library.outNumber();
    addon.listen(() => this.#drain());
    this.check(addon.queueSetWake(this.queue, true));
    // The environment's own clean-up does not run at process.exit(): end the library's work there before statics go away.
    process.once("exit", () => addon.queueClose(this.queue));
  }

  /** Throws the error of a call that filled the error slot. */
  check(status: number): void {
    if (status !== NnrpStatus.OK) throw lastError(this.library);
  }

  /** Throws the error of a call that says all by its status. */
  checkStatus(status: number, session = 0): void {
    if (status !== NnrpStatus.OK) throw errorOf(this.library, { status, session });
  }

  /** Routes the events of a handle to its sink. While there is any, the event loop keeps running. */
  attach(handle: number, sink: EventSink): void {
    if (this.#sinks.size === 0) this.library.addon.keepAlive(true);
    this.#sinks.set(handle, sink);
  }

  detach(handle: number): void {
    if (this.#sinks.delete(handle) && this.#sinks.size === 0) this.library.addon.keepAlive(false);
  }

  /** The wake is edge-triggered: it comes again only after the queue was seen empty. */
  #drain(): void {
    for (let batch = 0; batch < batchesPerTurn; batch += 1) {
      if (this.#drainBatch() === 0) return;
    }
    if (this.#drainScheduled) return;
    this.#drainScheduled = true;
    setImmediate(() => {
      this.#drainScheduled = false;
      this.#drain();
    });
  }

  /** Returns the number of events. */
  #drainBatch(): number {
    const { addon, plan, memory } = this.library;
    const { events, eventCapacity, arena, arenaSize } = plan;
    const status = addon.queueDrain(this.queue, events, eventCapacity, arena, arenaSize, plan.out);
    if (status !== NnrpStatus.OK) return 0;
    const count = memory.u32[plan.out >>> 2] ?? 0;
    for (let index = 0; index < count; index += 1) {
      this.#dispatch(this.#event.at(events + index * layout.NnrpEvent.size));
    }
    return count;
  }

  /** An event goes to its session, or else to its connection, or else to its listener. */
  #dispatch(event: NnrpEventView): void {
    try {
      const body = this.#bodyOf(event);
      const { session, connection, listener } = event;
      const sink = this.#sinks.get(session) ?? this.#sinks.get(connection) ?? this.#sinks.get(listener);
      sink?.onEvent(event, body);
    } catch (error) {
      // One failing sink must not lose the events behind it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #bodyOf(event: NnrpEventView): Uint8Array {
    const { payloadSize, payloadOffset, buffer } = event;
    if (buffer !== 0) return this.#readBuffer(buffer, payloadSize);
    if (payloadSize === 0) return noBytes;
    const start = this.library.plan.arena + payloadOffset;
    return this.library.memory.u8.slice(start, start + payloadSize);
  }

  #readBuffer(buffer: number, size: number): Uint8Array {
    const { addon, plan } = this.library;
    try {
      const body = new Uint8Array(size);
      this.check(addon.bufferRead(buffer, 0, body, size, plan.out));
      return body;
    } finally {
      addon.release(buffer);
    }
  }
}
