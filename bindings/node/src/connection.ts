// A client connection: connecting, opening sessions, and its end.
import { abortable, Deferred } from "./deferred.ts";
import { NnrpUsageError, type NnrpError } from "./errors.ts";
import { closedInOrder, watchForLeak } from "./leaks.ts";
import { NnrpEvent, NnrpStatus } from "./native/constants.g.ts";
import type { NnrpEventView } from "./native/views.g.ts";
import { withOptions, type EndpointOptions, type WaitOptions } from "./options.ts";
import { runtimeOf, type EventSink, type Runtime } from "./runtime.ts";
import { failureOf } from "./session-core.ts";
import { Session, SessionState, type SessionOptions } from "./session.ts";

const noBytes = new Uint8Array(0);
/** Detail of NNRP_STATUS_WRONG_STATE: the connection has ended, and its last event says why. */
const endedDetail = 1;

/** The part of a connection that events reach, on either side. */
export class ConnectionState implements EventSink {
  readonly runtime: Runtime;
  readonly handle: number;
  readonly connected = new Deferred<undefined>();
  /** Resolves when the connection has ended: with nothing if in order, else with the reason. Never rejects. */
  readonly closed = new Deferred<NnrpError | undefined>();
  /** Why the connection has ended, in order or not. */
  ended: NnrpError | undefined;
  readonly #onSession: ((event: NnrpEventView) => void) | undefined;
  /** Client side: those that a change for the whole connection concerns. */
  readonly #sessions = new Set<SessionState>();

  /** `onSession`: server side, a client opened a session. */
  constructor(runtime: Runtime, handle: number, onSession?: (event: NnrpEventView) => void) {
    this.runtime = runtime;
    this.handle = handle;
    this.#onSession = onSession;
    runtime.attach(handle, this);
  }

  close(): void {
    this.runtime.check(this.runtime.library.addon.connectionShutdown(this.handle));
  }

  addSession(session: SessionState): void {
    this.#sessions.add(session);
    void session.core.closed.promise.then(() => this.#sessions.delete(session));
  }

  onEvent(event: NnrpEventView): void {
    switch (event.kind) {
      case NnrpEvent.CONNECTED: {
        this.connected.resolve(undefined);
        return;
      }
      case NnrpEvent.SESSION_OPENED:
        return this.#onSession?.(event);
      case NnrpEvent.FLOW_UPDATE: {
        for (const session of this.#sessions) session.onEvent(event, noBytes);
        return;
      }
      case NnrpEvent.CONNECTION_CLOSED: {
        this.#onClosed(failureOf(this.runtime, event));
        return;
      }
    }
  }

  #onClosed(reason: NnrpError): void {
    this.ended = reason;
    this.runtime.detach(this.handle);
    this.connected.reject(reason);
    this.closed.resolve(reason.status === NnrpStatus.CLOSED ? undefined : reason);
  }
}

/**
 * Connects to `nnrp+tcp://host:port` or `nnrp+mem://name`. Options besides `signal` and `nativeLibrary` are those of the C ABI, e.g.
 * `connectTimeoutMs`. Rejects with NnrpNetworkError if there is no server, with NnrpUsageError for a wrong URI or option.
 */
export async function connect(uri: string, options: EndpointOptions = {}): Promise<Connection> {
  options.signal?.throwIfAborted();
  const runtime = runtimeOf(options.nativeLibrary);
  const state = new ConnectionState(runtime, startConnecting(runtime, uri, options));
  await abortable(state.connected.promise, options.signal, () => state.close());
  return new Connection(state, uri);
}

function startConnecting(runtime: Runtime, uri: string, options: EndpointOptions): number {
  const { library, queue } = runtime;
  return withOptions(library, options, (handle) => {
    const text = library.putText(uri);
    runtime.check(library.addon.connect(queue, text.bytes, text.size, handle, library.plan.out));
    return library.outNumber();
  });
}

/** A connection to a server. It keeps the process running until it is closed. */
export class Connection {
  readonly #state: ConnectionState;
  readonly uri: string;

  /** Made by connect. */
  constructor(state: ConnectionState, uri: string) {
    this.#state = state;
    this.uri = uri;
    watchForLeak(this, `connection to ${uri}`, () => state.close());
    void state.closed.promise.then(forgetWhenClosed(this));
  }

  /** Resolves when the connection has ended: with nothing if in order, else with the reason. */
  get closed(): Promise<NnrpError | undefined> {
    return this.#state.closed.promise;
  }

  /** Opens a session. Rejects with NnrpProtocolError if the server refuses it. A peer without hello carries one session a connection. */
  async openSession(options: SessionOptions = {}): Promise<Session> {
    options.signal?.throwIfAborted();
    const { runtime, ended } = this.#state;
    // Why it ended says more than that its handle is stale.
    if (ended !== undefined) throw ended;
    const state = new SessionState(runtime, await this.#startSession(options), options);
    this.#state.addSession(state);
    const facts = await abortable(state.opened.promise, options.signal, () => state.core.close());
    return new Session(state, facts, this);
  }

  /** Ends the connection and the sessions that are still open. Resolves when it has ended; closing twice is fine. */
  async close(options: WaitOptions = {}): Promise<void> {
    this.#state.close();
    await abortable(this.closed, options.signal, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A connection that has just ended, with its last event still on the way, gives the reason of that event. */
  async #startSession(options: SessionOptions): Promise<number> {
    try {
      return this.#requestSession(options);
    } catch (error) {
      const isEnding = error instanceof NnrpUsageError && error.status === NnrpStatus.WRONG_STATE;
      if (!isEnding || error.detail !== endedDetail) throw error;
      throw (await this.closed) ?? error;
    }
  }

  #requestSession(options: SessionOptions): number {
    const { runtime, handle } = this.#state;
    const { library } = runtime;
    return withOptions(library, options, (optionsHandle) => {
      runtime.check(library.addon.connectionOpenSession(handle, optionsHandle, library.plan.out));
      return library.outNumber();
    });
  }
}

/** Holds the connection weakly: waiting for its end must not keep it from being noticed as forgotten. */
function forgetWhenClosed(connection: Connection): () => void {
  const reference = new WeakRef(connection);
  return () => {
    const target = reference.deref();
    if (target !== undefined) closedInOrder(target);
  };
}
