// One submit as the server sees it, and its answer.
import { abortable } from "./deferred.ts";
import { NnrpUsageError } from "./errors.ts";
import { NnrpStatus } from "./native/constants.g.ts";
import { packNnrpResult } from "./native/packers.g.ts";
import type { NnrpEventView } from "./native/views.g.ts";
import type { WaitOptions } from "./options.ts";
import { resultClasses, type ResultClass } from "./result.ts";
import type { SessionCore } from "./session-core.ts";

export interface RespondOptions extends WaitOptions {
  /** Default 200. */
  readonly statusCode?: number;
  /** Default "complete"; after "partial" more answers to the same request may follow. */
  readonly resultClass?: ResultClass;
  /** Bits 0..2. */
  readonly resultFlags?: number;
  /** Default: that of the submit. */
  readonly payloadKindBitmap?: number;
  readonly payloadFrameCount?: number;
  readonly inferenceMs?: number;
  readonly queueMs?: number;
  readonly serverTotalMs?: number;
}

export class Request {
  readonly #core: SessionCore;
  readonly #onAnswered: () => void;
  readonly #abort = new AbortController();
  readonly frameId: number;
  readonly bytes: Uint8Array;
  readonly headerFlags: number;
  readonly traceId: bigint;
  readonly latencyBudgetMs: number;
  readonly payloadKindBitmap: number;
  readonly payloadFrameCount: number;

  /** Made by ServerSession. */
  constructor(core: SessionCore, event: NnrpEventView, bytes: Uint8Array, onAnswered: () => void) {
    this.#core = core;
    this.#onAnswered = onAnswered;
    this.frameId = event.frameId;
    this.bytes = bytes;
    this.headerFlags = event.headerFlags;
    this.traceId = event.traceId;
    this.latencyBudgetMs = event.latencyBudgetMs;
    this.payloadKindBitmap = event.payloadKindBitmap;
    this.payloadFrameCount = event.payloadFrameCount;
  }

  /** Aborted when the client cancels the request or its session ends. A cancelled request still wants an answer or a drop. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Answers. Resolves when the answer is queued, which waits while the session has no room. */
  async respond(bytes: Uint8Array, options: RespondOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const sending = this.#core.gate.send(() => this.#send(bytes, options));
    await abortable(sending.accepted, options.signal, () => sending.withdraw(options.signal?.reason));
    if (options.resultClass !== "partial") this.#onAnswered();
  }

  /** Tells the client that no result will come. */
  async drop(options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const { gate, handle, runtime } = this.#core;
    const sending = gate.send(() => runtime.library.addon.sessionSendDrop(handle, this.frameId));
    await abortable(sending.accepted, options.signal, () => sending.withdraw(options.signal?.reason));
    this.#onAnswered();
  }

  /** For the session: the client cancelled, or the session ended. */
  static cancel(request: Request, reason: Error | undefined): void {
    request.#abort.abort(reason ?? cancelledByClient(request.frameId));
  }

  #send(bytes: Uint8Array, options: RespondOptions): number {
    const { library } = this.#core.runtime;
    const { plan } = library;
    const body = library.putBody(bytes);
    packNnrpResult(library.memory, plan.input, {
      frameId: this.frameId,
      bodySize: bytes.byteLength,
      statusCode: options.statusCode ?? 200,
      resultClass: resultClasses.indexOf(options.resultClass ?? "complete"),
      resultFlags: options.resultFlags ?? 0,
      payloadKindBitmap: options.payloadKindBitmap ?? this.payloadKindBitmap,
      payloadFrameCount: options.payloadFrameCount ?? this.payloadFrameCount,
      inferenceMs: options.inferenceMs ?? 0,
      queueMs: options.queueMs ?? 0,
      serverTotalMs: options.serverTotalMs ?? 0,
    });
    return library.addon.sessionSendResults(
      this.#core.handle,
      plan.input,
      1,
      body,
      bytes.byteLength,
      plan.batch,
    );
  }
}

function cancelledByClient(frameId: number): NnrpUsageError {
  return new NnrpUsageError(`the client cancelled frame ${frameId}; answer it or drop it`, {
    code: "NNRP_EVENT_CANCEL",
    status: NnrpStatus.OK,
    frameId,
  });
}
