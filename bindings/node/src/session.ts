// A client session: submits, their results, and flow updates of the server.
import { AsyncQueue } from "./async-queue.ts";
import { abortable, Deferred } from "./deferred.ts";
import { NnrpDropError, NnrpUsageError, type NnrpError } from "./errors.ts";
import { flowUpdateOf, type FlowUpdate } from "./flow.ts";
import { NnrpEvent, NnrpStatus } from "./native/constants.g.ts";
import { layout } from "./native/layout.g.ts";
import { getU32 } from "./native/memory.g.ts";
import { packNnrpSubmit } from "./native/packers.g.ts";
import type { NnrpEventView } from "./native/views.g.ts";
import { Operation, OperationState } from "./operation.ts";
import type { LibraryOptions, WaitOptions } from "./options.ts";
import { resultOf } from "./result.ts";
import type { EventSink, Runtime } from "./runtime.ts";
import { factsOf, SessionCore, type SessionFacts } from "./session-core.ts";

export interface SessionOptions extends LibraryOptions, WaitOptions {
  /** Submits that may wait for room before more are refused; default 4096. */
  readonly maxWaiting?: number;
  /** Results of one submit that may wait to be read; default 1024. */
  readonly maxBufferedResults?: number;
}

export interface SubmitOptions extends WaitOptions {
  /** Wire header flags, bits 0..5. */
  readonly headerFlags?: number;
  readonly traceId?: number | bigint;
  /** 0..65535. */
  readonly latencyBudgetMs?: number;
  /** Bits 0..6; default 2, one token frame. */
  readonly payloadKindBitmap?: number;
  /** Default 1. */
  readonly payloadFrameCount?: number;
}

const defaultBufferedResults = 1024;
/** Flow updates are state: of those nobody reads only the latest matter. */
const bufferedFlowUpdates = 256;
const tokenKind = 2;

/** The part of a session that events reach; it does not hold the Session, so that a forgotten one can be noticed. */
export class SessionState implements EventSink {
  readonly core: SessionCore;
  readonly opened = new Deferred<SessionFacts>();
  readonly flowUpdates = new AsyncQueue<FlowUpdate>(bufferedFlowUpdates);
  readonly #operations = new Map<number, { readonly state: OperationState; readonly keep: object }>();
  readonly #maxBufferedResults: number;

  constructor(runtime: Runtime, handle: number, options: SessionOptions) {
    this.core = new SessionCore(runtime, handle, options.maxWaiting);
    this.#maxBufferedResults = options.maxBufferedResults ?? defaultBufferedResults;
    runtime.attach(handle, this);
  }

  /** `keep` stays reachable until the operation has ended. */
  submit(bytes: Uint8Array, options: SubmitOptions, keep: object): Operation {
    const state = new OperationState(this.#maxBufferedResults);
    let frameId = 0;
    const sending = this.core.gate.send(() => {
      const status = this.#submitOne(bytes, options);
      // The session is ending: its last event, which is on the way, settles what waits and knows the reason.
      if (status === NnrpStatus.WRONG_STATE) return NnrpStatus.WOULD_BLOCK;
      if (status === NnrpStatus.OK) {
        const { memory, plan } = this.core.runtime.library;
        frameId = getU32(memory, plan.batch + layout.NnrpBatch.offsets.firstFrameId);
        this.#operations.set(frameId, { state, keep });
      }
      return status;
    });
    state.cancel = (reason: unknown = cancelled()): void => {
      if (frameId === 0) sending.withdraw(reason);
      // A session that has just ended has nothing left to cancel.
      else this.core.runtime.library.addon.sessionCancel(this.core.handle, frameId);
    };
    const accepted = sending.accepted.then(() => frameId);
    accepted.catch((error: unknown) => state.fail(error as Error));
    cancelOnAbort(state, options.signal);
    return new Operation(state, accepted);
  }

  onEvent(event: NnrpEventView, body: Uint8Array): void {
    switch (event.kind) {
      case NnrpEvent.SESSION_OPENED: {
        this.opened.resolve(factsOf(event));
        return;
      }
      case NnrpEvent.RESULT: {
        this.#onResult(event, body);
        return;
      }
      case NnrpEvent.RESULT_DROP:
        return this.#take(event.frameId)?.fail(dropped(event));
      case NnrpEvent.FLOW_UPDATE: {
        this.#onFlowUpdate(flowUpdateOf(event));
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

  #submitOne(bytes: Uint8Array, options: SubmitOptions): number {
    const { library } = this.core.runtime;
    const { plan } = library;
    const body = library.putBody(bytes);
    packNnrpSubmit(library.memory, plan.input, {
      headerFlags: options.headerFlags ?? 0,
      traceId: options.traceId ?? 0,
      bodySize: bytes.byteLength,
      latencyBudgetMs: options.latencyBudgetMs ?? 0,
      payloadKindBitmap: options.payloadKindBitmap ?? tokenKind,
      payloadFrameCount: options.payloadFrameCount ?? 1,
    });
    return library.addon.sessionSubmit(this.core.handle, plan.input, 1, body, bytes.byteLength, plan.batch);
  }

  #onResult(event: NnrpEventView, body: Uint8Array): void {
    const result = resultOf(event, body);
    const state = result.isPartial ? this.#operations.get(result.frameId)?.state : this.#take(result.frameId);
    state?.onResult(result);
  }

  #onFlowUpdate(update: FlowUpdate): void {
    if (this.flowUpdates.push(update)) return;
    this.flowUpdates.dropOldest();
    this.flowUpdates.push(update);
  }

  #take(frameId: number): OperationState | undefined {
    const operation = this.#operations.get(frameId);
    this.#operations.delete(frameId);
    return operation?.state;
  }

  #onClosed(event: NnrpEventView): void {
    const reason = this.core.end(event);
    this.opened.reject(reason);
    this.flowUpdates.end();
    for (const { state } of this.#operations.values()) state.fail(reason);
    this.#operations.clear();
  }
}

/** A session that a server has accepted. */
export class Session {
  readonly #state: SessionState;
  readonly #facts: SessionFacts;
  /** Held so that the connection lives as long as its sessions are in use. */
  readonly connection: object;

  /** Made by Connection.openSession. */
  constructor(state: SessionState, facts: SessionFacts, connection: object) {
    this.#state = state;
    this.#facts = facts;
    this.connection = connection;
  }

  /** Id on the wire. */
  get id(): number {
    return this.#facts.id;
  }

  get profileId(): number {
    return this.#facts.profileId;
  }

  /** Operations that may be unanswered at once. */
  get maxInFlight(): number {
    return this.#facts.maxInFlight;
  }

  /** Resolves when the session has ended: with nothing if in order, else with the reason. */
  get closed(): Promise<NnrpError | undefined> {
    return this.#state.core.closed.promise;
  }

  /**
   * Sends bytes. While the session has no room the submit waits its turn: await `accepted` to feel the back pressure, and leave the
   * bytes unchanged until then. An abort cancels it on the server and rejects with the signal's reason.
   */
  submit(bytes: Uint8Array, options: SubmitOptions = {}): Operation {
    return this.#state.submit(bytes, options, this);
  }

  /** Asks the server to cancel a frame. Throws NnrpUsageError if the session is gone. */
  cancel(frameId: number): void {
    const { runtime, handle } = this.#state.core;
    runtime.check(runtime.library.addon.sessionCancel(handle, frameId));
  }

  /** Flow updates as they come; of those not read the last 256 are kept. The library obeys them by itself. */
  async *flowUpdates(options: WaitOptions = {}): AsyncGenerator<FlowUpdate, void, undefined> {
    for (;;) {
      const next = await this.#state.flowUpdates.next(options.signal);
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Closes in order: queued answers still arrive. Resolves when the session has ended; closing twice is fine. */
  async close(options: WaitOptions = {}): Promise<void> {
    this.#state.core.close();
    await abortable(this.closed, options.signal, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function cancelOnAbort(state: OperationState, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const onAbort = (): void => {
    state.cancel(signal.reason);
    state.fail(signal.reason as Error);
  };
  if (signal.aborted) {
    onAbort();
    return;
  }
  signal.addEventListener("abort", onAbort, { once: true });
  const forget = (): void => signal.removeEventListener("abort", onAbort);
  state.final.then(forget, forget);
}

function dropped(event: NnrpEventView): NnrpDropError {
  return new NnrpDropError(
    `the server dropped frame ${event.frameId}: no result will come; submit it again if it is still wanted`,
    {
      code: "NNRP_EVENT_RESULT_DROP",
      connection: event.connection,
      session: event.session,
      sessionId: event.sessionId,
      frameId: event.frameId,
      operationId: event.operationId,
    },
  );
}

function cancelled(): NnrpUsageError {
  return new NnrpUsageError("the submit was cancelled before there was room for it", {
    code: "NNRP_STATUS_CLOSED",
    status: NnrpStatus.CLOSED,
  });
}
