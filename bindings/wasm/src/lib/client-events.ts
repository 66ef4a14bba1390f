// What a client connection tells its application: event records of the module as objects.
import { errorFromJson, errorOf, type NnrpError } from "./errors.ts";
import {
  messageLayouts,
  type CacheAck,
  type CacheInvalidate,
  type CachePut,
  type ErrorReport,
  type FlowUpdate,
  type MetadataOf,
  type ResultHint,
  type ResultPush,
  type ServerHelloAck,
  type SessionCloseAck,
  type SessionMigrateAck,
  type SessionOpenAck,
  type SessionPatchAck,
} from "./layouts.g.ts";
import type { ResumableSession } from "./resumable-session.ts";

/** Why a session, or an open that was under way, is over. */
export type EndCause =
  /** The close exchange finished with this status. */
  | { readonly reason: "closed"; readonly closeStatus: number }
  | { readonly reason: "closedByPeer" | "transportLost" | "closedLocally" | "takenOver" }
  /** The connection failed with this error. */
  | { readonly reason: "failed"; readonly error: NnrpError };

/** Whether a session can be carried on over another connection, and for how long after a loss. */
export interface ResumeOutcome {
  readonly kind: "fresh" | "enabled" | "resumed" | "rejected";
  readonly windowMs: number;
}

/** The header fields of a frame that mean something to applications only. */
export interface FrameContext {
  readonly flags: number;
  readonly viewId: number;
  readonly routeId: number;
  readonly traceId: bigint;
}

/** What the server says to a schema that the hello offered; 64-bit fields are decimal text. */
export interface SchemaAnswer {
  readonly descriptor: Readonly<Record<string, number | string>>;
  /** The code of the refusal; null = sessions may use it. */
  readonly refusal: number | null;
}

/** The answers to the extensions of the hello, null where there is none. */
export type HelloExtensions = Readonly<
  Record<
    "transport_policy" | "loss_tolerance" | "payload_capabilities",
    Readonly<Record<string, number>> | null
  >
>;

/** An event, in the order of the packets that caused them. */
export type ClientEvent =
  /** The server has answered the hello. */
  | {
      readonly type: "helloAcknowledged";
      readonly ack: ServerHelloAck;
      readonly extensions: HelloExtensions;
      readonly schemas: readonly SchemaAnswer[];
    }
  /** A session is open. Frames that are lost belong to an earlier session that goes on under its id only. */
  | {
      readonly type: "sessionOpened";
      readonly ticket: number;
      readonly sessionId: number;
      readonly ack: SessionOpenAck;
      readonly resume: ResumeOutcome;
      readonly body: Uint8Array;
      readonly lostFrameIds: readonly number[];
    }
  /** The server refused a session; `session_error_code` of the ack says why. */
  | {
      readonly type: "openRefused";
      readonly ticket: number;
      readonly ack: SessionOpenAck;
      /** Unanswered frames of what was to be resumed and cannot be any more. */
      readonly abandonedFrameIds: readonly number[];
    }
  /** An open ended without an answer. */
  | {
      readonly type: "openFailed";
      readonly ticket: number;
      readonly cause: EndCause;
      readonly resumable?: ResumableSession;
    }
  | ({
      readonly type: "result";
      readonly sessionId: number;
      readonly frameId: number;
      readonly metadata: ResultPush;
      readonly body: Uint8Array;
    } & FrameContext)
  /** A frame will get no (further) result. */
  | ({ readonly type: "resultDropped"; readonly sessionId: number; readonly frameId: number } & FrameContext)
  /** Advice; frame 0 = about the session. */
  | { readonly type: "hint"; readonly sessionId: number; readonly frameId: number; readonly hint: ResultHint }
  /** Session 0 = the connection. Not applied: its epoch was not newer than the last one's. */
  | {
      readonly type: "flowUpdated";
      readonly sessionId: number;
      readonly update: FlowUpdate;
      readonly applied: boolean;
    }
  /** What would have blocked can be repeated: submits of the session, or with session 0 any other command. */
  | { readonly type: "writable"; readonly sessionId: number }
  | {
      readonly type: "cacheAnswered";
      readonly sessionId: number;
      readonly put: CachePut;
      readonly ack: CacheAck;
    }
  | { readonly type: "objectsInvalidated"; readonly sessionId: number; readonly invalidate: CacheInvalidate }
  | {
      readonly type: "sessionPatched";
      readonly sessionId: number;
      readonly ack: SessionPatchAck;
      readonly body: Uint8Array;
    }
  | { readonly type: "sessionMigrated"; readonly sessionId: number; readonly ack: SessionMigrateAck }
  /** An answer to a close that does not end the session: it drains, or goes on. */
  | { readonly type: "closeAnswered"; readonly sessionId: number; readonly ack: SessionCloseAck }
  /** A session is over on this connection; what carries it on over another one comes along. */
  | {
      readonly type: "sessionEnded";
      readonly sessionId: number;
      readonly cause: EndCause;
      readonly resumable?: ResumableSession;
    }
  | { readonly type: "pong"; readonly roundTripMs: number }
  | { readonly type: "probeAcknowledged"; readonly probeId: number; readonly serverReceivedUs: bigint }
  | { readonly type: "peerError"; readonly report: ErrorReport; readonly diagnostic: string }
  /** The last event of a connection; without an error its end was meant. */
  | { readonly type: "connectionEnded"; readonly error?: NnrpError };

/** A record in the order of its bytes. */
interface EventRecord {
  readonly kind: number;
  readonly sessionId: number;
  readonly frameId: number;
  readonly number: number;
  readonly wide: bigint;
  readonly context: FrameContext;
  readonly resumable: number;
  readonly metadata: DataView;
  readonly body: Uint8Array;
  readonly text: string;
}

/** Bytes of the fixed part of a record. */
const headBytes = 48;

/** The events of a batch of records; `resumable` makes an object of the number of a session. */
export function eventsOf(
  records: Uint8Array<ArrayBuffer>,
  resumable: (number: number) => ResumableSession,
): ClientEvent[] {
  const events: ClientEvent[] = [];
  let start = 0;
  while (start < records.length) {
    const [record, end] = recordAt(records, start);
    events.push(eventOf(record, resumable));
    start = end;
  }
  return events;
}

const decoder = new TextDecoder();

function recordAt(records: Uint8Array<ArrayBuffer>, start: number): [EventRecord, number] {
  const view = new DataView(records.buffer, records.byteOffset + start);
  const metadataEnd = headBytes + view.getUint32(36, true);
  const bodyEnd = metadataEnd + view.getUint32(40, true);
  const end = bodyEnd + view.getUint32(44, true);
  const wide = view.getBigUint64(16, true);
  const record: EventRecord = {
    kind: view.getUint32(0, true),
    sessionId: view.getUint32(4, true),
    frameId: view.getUint32(8, true),
    number: view.getUint32(12, true),
    wide,
    context: {
      flags: view.getUint32(24, true),
      viewId: view.getUint16(28, true),
      routeId: view.getUint16(30, true),
      traceId: wide,
    },
    resumable: view.getUint32(32, true),
    metadata: new DataView(records.buffer, records.byteOffset + start + headBytes, metadataEnd - headBytes),
    body: records.subarray(start + metadataEnd, start + bodyEnd),
    text: bodyEnd === end ? "" : decoder.decode(records.subarray(start + bodyEnd, start + end)),
  };
  return [record, start + end];
}

function eventOf(record: EventRecord, resumableOf: (number: number) => ResumableSession): ClientEvent {
  const { sessionId, frameId, body, context, text } = record;
  const resumable = record.resumable === 0 ? {} : { resumable: resumableOf(record.resumable) };
  switch (record.kind) {
    case 1:
      return { type: "helloAcknowledged", ack: metadata(record, "SERVER_HELLO_ACK"), ...helloAnswers(text) };
    case 2:
      return {
        type: "sessionOpened",
        ...{ ticket: frameId, sessionId, ack: metadata(record, "SESSION_OPEN_ACK"), body },
        resume: { kind: resumeKinds[record.number] ?? "fresh", windowMs: Number(record.wide) },
        lostFrameIds: JSON.parse(text) as number[],
      };
    case 3:
      return {
        type: "openRefused",
        ...{ ticket: frameId, ack: metadata(record, "SESSION_OPEN_ACK") },
        abandonedFrameIds: JSON.parse(text) as number[],
      };
    case 4:
      return { type: "openFailed", ticket: frameId, cause: causeOf(text), ...resumable };
    case 5:
      return {
        type: "result",
        sessionId,
        frameId,
        metadata: metadata(record, "RESULT_PUSH"),
        body,
        ...context,
      };
    case 6:
      return { type: "resultDropped", sessionId, frameId, ...context };
    case 7:
      return { type: "hint", sessionId, frameId, hint: metadata(record, "RESULT_HINT") };
    case 8: {
      const update = metadata(record, "FLOW_UPDATE");
      return { type: "flowUpdated", sessionId, update, applied: record.number !== 0 };
    }
    case 9:
      return { type: "writable", sessionId };
    case 10: {
      const put = new DataView(body.buffer, body.byteOffset, body.byteLength);
      return {
        type: "cacheAnswered",
        ...{ sessionId, ack: metadata(record, "CACHE_ACK") },
        put: messageLayouts.CACHE_PUT.read(put, 0),
      };
    }
    case 11:
      return { type: "objectsInvalidated", sessionId, invalidate: metadata(record, "CACHE_INVALIDATE") };
    case 12:
      return { type: "sessionPatched", sessionId, ack: metadata(record, "SESSION_PATCH_ACK"), body };
    case 13:
      return { type: "sessionMigrated", sessionId, ack: metadata(record, "SESSION_MIGRATE_ACK") };
    case 14:
      return { type: "closeAnswered", sessionId, ack: metadata(record, "SESSION_CLOSE_ACK") };
    case 15:
      return { type: "sessionEnded", sessionId, cause: causeOf(text), ...resumable };
    case 16:
      return { type: "pong", roundTripMs: Number(record.wide) / 1000 };
    case 17:
      return { type: "probeAcknowledged", probeId: frameId, serverReceivedUs: record.wide };
    case 18:
      return { type: "peerError", report: metadata(record, "ERROR"), diagnostic: decoder.decode(body) };
    case 19:
      return { type: "connectionEnded", ...(text === "" ? {} : { error: errorFromJson(text) }) };
    default:
      throw new TypeError(`the module tells of an event ${record.kind} that this glue does not know`);
  }
}

const resumeKinds = ["fresh", "enabled", "resumed", "rejected"] as const;

function metadata<Name extends keyof MetadataOf>(record: EventRecord, name: Name): MetadataOf[Name] {
  return messageLayouts[name].read(record.metadata, 0);
}

function helloAnswers(text: string): { extensions: HelloExtensions; schemas: SchemaAnswer[] } {
  return JSON.parse(text) as { extensions: HelloExtensions; schemas: SchemaAnswer[] };
}

function causeOf(text: string): EndCause {
  const cause = JSON.parse(text) as { reason: "closedByPeer" } & { error?: Parameters<typeof errorOf>[0] };
  return cause.error === undefined ? cause : { reason: "failed", error: errorOf(cause.error) };
}
