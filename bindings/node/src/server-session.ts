// A session as the server sees it: requests to answer, and flow updates to send.
import { AsyncQueue } from "./async-queue.ts";
import { abortable } from "./deferred.ts";
import type { NnrpError } from "./errors.ts";
import { flowFields, type FlowUpdateRequest } from "./flow.ts";
import { NnrpEvent } from "./native/constants.g.ts";
import { packNnrpFlowUpdate } from "./native/packers.g.ts";
import type { NnrpEventView } from "./native/views.g.ts";
import type { WaitOptions } from "./options.ts";
import { Request } from "./request.ts";
import type { EventSink, Runtime } from "./runtime.ts";
import { factsOf, SessionCore, type SessionFacts } from "./session-core.ts";

/** More than the wire lets a client have in flight, so that the queue is bounded by the session's own limit. */
const mostRequests = 65_536;

/** The part of a session that events reach. */
class ServerSessionState implements EventSink {
  readonly core: SessionCore;
  readonly requests = new AsyncQueue<Request>(mostRequests);
  readonly #unanswered = new Map<number, Request>();

  constructor(runtime: Runtime, handle: number) {
    this.core = new SessionCore(runtime, handle);
    runtime.attach(handle, this);
  }

  onEvent(event: NnrpEventView, body: Uint8Array): void {
    switch (event.kind) {
      case NnrpEvent.SUBMIT: {
        this.#onSubmit(event, body);
        return;
      }
      case NnrpEvent.CANCEL: {
        this.#onCancel(event.frameId);
        return;
      }
      case NnrpEvent.WRITABLE: {
        this.core.gate.writable();
        return;
      }
      case NnrpEvent.SESSION_CLOSED: {
        this.#onClosed(event);
        return;
      }
    }
  }

  #onSubmit(event: NnrpEventView, body: Uint8Array): void {
    const { frameId } = event;
    const request = new Request(this.core, event, body, () => this.#unanswered.delete(frameId));
    this.#unanswered.set(frameId, request);
    this.requests.push(request);
  }

  #onCancel(frameId: number): void {
    const request = this.#unanswered.get(frameId);
    if (request !== undefined) Request.cancel(request, undefined);
  }

  #onClosed(event: NnrpEventView): void {
    const reason = this.core.end(event);
    this.requests.end();
    for (const request of this.#unanswered.values()) Request.cancel(request, reason);
    this.#unanswered.clear();
  }
}

export class ServerSession {
  readonly #state: ServerSessionState;
  readonly #facts: SessionFacts;

  /** Made by Listener. */
  constructor(runtime: Runtime, opened: NnrpEventView) {
    this.#state = new ServerSessionState(runtime, opened.session);
    this.#facts = factsOf(opened);
  }

  /** Id on the wire. */
  get id(): number {
    return this.#facts.id;
  }

  get profileId(): number {
    return this.#facts.profileId;
  }

  get maxInFlight(): number {
    return this.#facts.maxInFlight;
  }

  /** Resolves when the session has ended: with nothing if in order, else with the reason. */
  get closed(): Promise<NnrpError | undefined> {
    return this.#state.core.closed.promise;
  }

  /** Requests in the order in which they came; ends with the session, see `closed` for why. */
  async *requests(options: WaitOptions = {}): AsyncGenerator<Request, void, undefined> {
    for (;;) {
      const next = await this.#state.requests.next(options.signal);
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Changes what the client may have in flight. Do not send it to a client that is not known to expect one. */
  async sendFlowUpdate(update: FlowUpdateRequest, options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const { gate, handle, runtime } = this.#state.core;
    const { addon, memory, plan } = runtime.library;
    const sending = gate.send(() => {
      packNnrpFlowUpdate(memory, plan.input, flowFields(update));
      return addon.sessionSendFlowUpdate(handle, plan.input);
    });
    await abortable(sending.accepted, options.signal, () => sending.withdraw(options.signal?.reason));
  }

  /** Closes in order. Resolves when the session has ended; closing twice is fine. */
  async close(options: WaitOptions = {}): Promise<void> {
    this.#state.core.close();
    await abortable(this.closed, options.signal, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
