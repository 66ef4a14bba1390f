// What client and server sessions share: handle, sending in order, and their end.
import { errorOf } from "./diagnosis.ts";
import { Deferred } from "./deferred.ts";
import type { NnrpError } from "./errors.ts";
import { NnrpStatus } from "./native/constants.g.ts";
import type { NnrpEventView } from "./native/views.g.ts";
import type { Runtime } from "./runtime.ts";
import { SendGate } from "./send-gate.ts";

/** Messages of one session that may wait for room. */
export const defaultMaxWaiting = 4096;

/** What both sides agreed on when the session was opened. */
export interface SessionFacts {
  /** Id on the wire. */
  readonly id: number;
  readonly profileId: number;
  /** Operations at once. */
  readonly maxInFlight: number;
}

export class SessionCore {
  readonly runtime: Runtime;
  readonly handle: number;
  readonly gate: SendGate;
  /** Resolves when the session has ended: with nothing if in order, else with the reason. Never rejects. */
  readonly closed = new Deferred<NnrpError | undefined>();
  #failure: NnrpError | undefined;

  constructor(runtime: Runtime, handle: number, maxWaiting = defaultMaxWaiting) {
    this.runtime = runtime;
    this.handle = handle;
    this.gate = new SendGate(maxWaiting, (status) => this.#errorOf(status));
  }

  /** Closes in order; the end comes as an event. Throws what the library refuses. */
  close(): void {
    this.runtime.check(this.runtime.library.addon.sessionShutdown(this.handle));
  }

  /** The last event of the session. Returns why it ended, for those who still wait. */
  end(event: NnrpEventView): NnrpError {
    const reason = failureOf(this.runtime, event);
    this.runtime.detach(this.handle);
    this.gate.end(reason);
    if (reason.status !== NnrpStatus.CLOSED) this.#failure = reason;
    this.closed.resolve(this.#failure);
    return reason;
  }

  /** After a failure its reason says more than that the handle is stale. */
  #errorOf(status: number): NnrpError {
    if (status === NnrpStatus.INVALID_HANDLE && this.#failure !== undefined) return this.#failure;
    return errorOf(this.runtime.library, { status, session: this.handle });
  }
}

/** The error that an event with a status stands for. */
export function failureOf(runtime: Runtime, event: NnrpEventView): NnrpError {
  return errorOf(runtime.library, {
    status: event.status,
    protocolCode: event.protocolCode,
    detail: event.detail,
    connection: event.connection,
    session: event.session,
    sessionId: event.sessionId,
    frameId: event.frameId,
  });
}

export function factsOf(event: NnrpEventView): SessionFacts {
  return { id: event.sessionId, profileId: event.profileId, maxInFlight: event.maxInFlight };
}
