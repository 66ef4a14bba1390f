// The server side: listening, and the sessions that clients open.
import { AsyncQueue } from "./async-queue.ts";
import { ConnectionState } from "./connection.ts";
import { abortable, Deferred } from "./deferred.ts";
import { lastError } from "./diagnosis.ts";
import type { NnrpError } from "./errors.ts";
import { closedInOrder, watchForLeak } from "./leaks.ts";
import { NnrpEvent, NnrpStatus } from "./native/constants.g.ts";
import type { NnrpEventView } from "./native/views.g.ts";
import { withOptions, type EndpointOptions, type WaitOptions } from "./options.ts";
import { runtimeOf, type EventSink, type Runtime } from "./runtime.ts";
import { ServerSession } from "./server-session.ts";
import { failureOf } from "./session-core.ts";

/** Sessions that may wait to be taken; above it they are closed. */
const mostWaitingSessions = 65_536;

/** The part of a listener that events reach. */
class ListenerState implements EventSink {
  readonly runtime: Runtime;
  readonly handle: number;
  readonly sessions = new AsyncQueue<ServerSession>(mostWaitingSessions);
  readonly connections = new Set<ConnectionState>();
  readonly closed = new Deferred<NnrpError | undefined>();

  constructor(runtime: Runtime, handle: number) {
    this.runtime = runtime;
    this.handle = handle;
    runtime.attach(handle, this);
  }

  onEvent(event: NnrpEventView): void {
    switch (event.kind) {
      case NnrpEvent.ACCEPTED: {
        this.#onAccepted(event.connection);
        return;
      }
      case NnrpEvent.LISTENER_CLOSED: {
        this.#onClosed(failureOf(this.runtime, event));
        return;
      }
    }
  }

  stop(): void {
    this.runtime.check(this.runtime.library.addon.listenerClose(this.handle));
  }

  #onAccepted(handle: number): void {
    const connection = new ConnectionState(this.runtime, handle, (event) => this.#onSession(event));
    this.connections.add(connection);
    void connection.closed.promise.then(() => this.connections.delete(connection));
  }

  #onSession(event: NnrpEventView): void {
    const session = new ServerSession(this.runtime, event);
    if (!this.sessions.push(session)) void session.close();
  }

  #onClosed(reason: NnrpError): void {
    this.runtime.detach(this.handle);
    this.sessions.end();
    this.closed.resolve(reason.status === NnrpStatus.CLOSED ? undefined : reason);
  }
}

/**
 * Binds an endpoint, e.g. `nnrp+tcp://127.0.0.1:0`, and accepts connections. A host name is looked up before the call returns, which
 * blocks the event loop for that long: pass a numeric address. Options are those of the C ABI, e.g. `maxConnections`.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a failure is a rejection, as with connect
export async function listen(uri: string, options: EndpointOptions = {}): Promise<Listener> {
  options.signal?.throwIfAborted();
  const runtime = runtimeOf(options.nativeLibrary);
  const { library, queue } = runtime;
  const handle = withOptions(library, options, (optionsHandle) => {
    const text = library.putText(uri);
    runtime.check(library.addon.serverListen(queue, text.bytes, text.size, optionsHandle, library.plan.out));
    return library.outNumber();
  });
  const state = new ListenerState(runtime, handle);
  return new Listener(state, boundUri(runtime, handle));
}

/** A bound endpoint. It keeps the process running until it is closed. */
export class Listener {
  readonly #state: ListenerState;
  /** The bound endpoint, with its real port. */
  readonly uri: string;

  /** Made by listen. */
  constructor(state: ListenerState, uri: string) {
    this.#state = state;
    this.uri = uri;
    watchForLeak(this, `listener on ${uri}`, () => state.stop());
  }

  /** Resolves when the listener has ended: with nothing if in order, else with the reason. */
  get closed(): Promise<NnrpError | undefined> {
    return this.#state.closed.promise;
  }

  /** Sessions that clients open; ends with the listener. */
  async *sessions(options: WaitOptions = {}): AsyncGenerator<ServerSession, void, undefined> {
    for (;;) {
      const next = await this.#state.sessions.next(options.signal);
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Stops accepting; connections go on. */
  async stop(options: WaitOptions = {}): Promise<void> {
    this.#state.stop();
    closedInOrder(this);
    await abortable(this.closed, options.signal, () => undefined);
  }

  /** Stops accepting and ends every connection that was accepted. Resolves when all have ended; closing twice is fine. */
  async close(options: WaitOptions = {}): Promise<void> {
    const ends: Promise<unknown>[] = [this.stop(options)];
    for (const connection of this.#state.connections) {
      connection.close();
      ends.push(abortable(connection.closed.promise, options.signal, () => undefined));
    }
    await Promise.all(ends);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function boundUri(runtime: Runtime, handle: number): string {
  const { library } = runtime;
  const { plan, addon } = library;
  const status = addon.listenerUri(handle, plan.text, plan.textSize, plan.out);
  if (status !== NnrpStatus.OK) throw lastError(library);
  return library.text(library.outNumber());
}
