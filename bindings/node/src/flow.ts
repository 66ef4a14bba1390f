// Flow updates: how a server changes what a client may have in flight.
import type { NnrpFlowUpdateFields } from "./native/packers.g.ts";
import type { NnrpEventView } from "./native/views.g.ts";

/** Names of the wire's numbers, by number. */
export const flowScopes = ["connection", "session", "operation"] as const;
export const flowReasons = ["grant", "reduce", "pause", "resume", "congestion"] as const;
export const backpressureLevels = ["none", "soft", "hard"] as const;

/** One FLOW_UPDATE as the client sees it. */
export interface FlowUpdate {
  readonly scope: (typeof flowScopes)[number];
  readonly reason: (typeof flowReasons)[number];
  readonly backpressure: (typeof backpressureLevels)[number];
  /** The window of the scope; absent if the server sent none. */
  readonly credit: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly backgroundOnly: boolean;
  readonly drainOnly: boolean;
  readonly epoch: number;
  /** Frame id of the operation, 0 for the other scopes. */
  readonly frameId: number;
}

/** What a server sends. */
export interface FlowUpdateRequest {
  readonly scope: FlowUpdate["scope"];
  /** Grows per scope. */
  readonly epoch: number;
  readonly reason?: FlowUpdate["reason"];
  readonly backpressure?: FlowUpdate["backpressure"];
  readonly credit?: number;
  readonly retryAfterMs?: number;
  readonly backgroundOnly?: boolean;
  readonly drainOnly?: boolean;
  readonly frameId?: number;
}

const creditValid = 1;
const retryAfterValid = 2;
const backgroundOnly = 4;
const drainOnly = 8;

export function flowUpdateOf(event: NnrpEventView): FlowUpdate {
  const flags = event.flowFlags;
  return {
    scope: flowScopes[event.flowScope] ?? "connection",
    reason: flowReasons[event.flowReason] ?? "grant",
    backpressure: backpressureLevels[event.flowBackpressure] ?? "none",
    credit: (flags & creditValid) === 0 ? undefined : event.flowCredit,
    retryAfterMs: (flags & retryAfterValid) === 0 ? undefined : event.retryAfterMs,
    backgroundOnly: (flags & backgroundOnly) !== 0,
    drainOnly: (flags & drainOnly) !== 0,
    epoch: event.flowEpoch,
    frameId: Number(event.operationId),
  };
}

export function flowFields(update: FlowUpdateRequest): NnrpFlowUpdateFields {
  return {
    scope: flowScopes.indexOf(update.scope),
    operationId: update.frameId ?? 0,
    reason: flowReasons.indexOf(update.reason ?? "grant"),
    backpressure: backpressureLevels.indexOf(update.backpressure ?? "none"),
    credit: update.credit ?? 0,
    retryAfterMs: update.retryAfterMs ?? 0,
    epoch: update.epoch,
    flags:
      (update.credit === undefined ? 0 : creditValid) |
      (update.retryAfterMs === undefined ? 0 : retryAfterValid) |
      (update.backgroundOnly === true ? backgroundOnly : 0) |
      (update.drainOnly === true ? drainOnly : 0),
  };
}
