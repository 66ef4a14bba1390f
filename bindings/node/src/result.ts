// What a server answers, as the client sees it.
import type { NnrpEventView } from "./native/views.g.ts";

/** One RESULT_PUSH. */
export interface Result {
  readonly frameId: number;
  readonly bytes: Uint8Array;
  /** 200 is the usual success; there is no registry. */
  readonly statusCode: number;
  readonly resultClass: ResultClass;
  /** More results of the same submit follow. */
  readonly isPartial: boolean;
  readonly resultFlags: number;
  readonly profileId: number;
  readonly payloadKindBitmap: number;
  readonly payloadFrameCount: number;
  readonly inferenceMs: number;
  readonly queueMs: number;
  readonly serverTotalMs: number;
  readonly traceId: bigint;
}

/** Names of the wire's result classes, by number. */
export const resultClasses = ["complete", "partial", "stale_reuse", "degraded"] as const;
export type ResultClass = (typeof resultClasses)[number];

export function resultOf(event: NnrpEventView, bytes: Uint8Array): Result {
  const resultClass = resultClasses[event.resultClass] ?? "complete";
  return {
    frameId: event.frameId,
    bytes,
    statusCode: event.statusCode,
    resultClass,
    isPartial: resultClass === "partial",
    resultFlags: event.resultFlags,
    profileId: event.profileId,
    payloadKindBitmap: event.payloadKindBitmap,
    payloadFrameCount: event.payloadFrameCount,
    inferenceMs: event.inferenceMs,
    queueMs: event.queueMs,
    serverTotalMs: event.serverTotalMs,
    traceId: event.traceId,
  };
}
