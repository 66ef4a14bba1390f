// A client connection without a transport: bytes and time in, bytes and events out.
import { bytesArgument, objectArgument, timeArgument, wrongType } from "./arguments.ts";
import { eventsOf, type ClientEvent, type FrameContext } from "./client-events.ts";
import { helloBytes, schemaBytes, settingsText, type ClientOptions } from "./client-options.ts";
import { NnrpUsageError } from "./errors.ts";
import type {
  CacheInvalidate,
  CachePut,
  ErrorReport,
  FrameSubmit,
  SessionClose,
  SessionMigrate,
  SessionOpen,
  SessionPatch,
} from "./layouts.g.ts";
import { output, setInput, setText, succeeded, wasm } from "./module.ts";
import { encodeHead, headerBytes, type PacketInput } from "./packet.ts";
import { ResumableSession } from "./resumable-session.ts";

/** Bytes that go into the module at once. */
const chunkBytes = 256 << 10;

const stateBits = {
  wantsBytes: 1,
  shouldEndWrite: 2,
  isFinished: 4,
  isOver: 8,
  helloAcknowledged: 16,
} as const;

const never = 0xffff_ffff_ffff_ffffn;

/** What is forgotten without `free` gives its memory back. */
const forgotten = new FinalizationRegistry<number>((number) => wasm().nnrp_wasm_client_free(number));

/** A session of the token profile with its standard schema. */
export const tokenProfile: Readonly<Partial<SessionOpen>> = {
  profile_id: 2,
  schema_id: 0x1001,
  schema_version: 3,
};

/** What a submit may carry besides its body. */
export interface SubmitOptions extends Partial<FrameContext> {
  readonly metadata?: Readonly<Partial<FrameSubmit>>;
}

/**
 * The client's end of one connection. After any call: take `transmit()` until it gives nothing, `events()` until the
 * list is empty, end the write side once `shouldEndWrite`, drop the transport once `isFinished`, and call `tick()`
 * at `deadline()`. `driveWebSocket` and `driveStreams` do all of that.
 */
export class NnrpClient {
  /** Called after a command: there may be something to transmit. Whoever drives the connection sets it. */
  onCommand: (() => void) | undefined;
  readonly #clock: () => number;
  #number: number;

  constructor(options: ClientOptions = {}) {
    this.#clock = objectArgument(options).clock ?? (() => performance.now());
    if (typeof this.#clock !== "function") throw wrongType(this.#clock, "a function");
    setText(0, settingsText(options));
    setInput(1, helloBytes(options));
    setInput(2, schemaBytes(options));
    setInput(3, new Uint8Array());
    this.#number = succeeded(wasm().nnrp_wasm_client_new(this.#now()));
    forgotten.register(this, this.#number, this);
  }

  /** Takes in bytes that came over the transport, cut in any way. What is wrong with them, events tell. */
  receive(bytes: Uint8Array): void {
    const number = this.#live();
    bytesArgument(bytes);
    for (let start = 0; start < bytes.length || start === 0; start += chunkBytes) {
      setInput(0, bytes.subarray(start, start + chunkBytes));
      succeeded(wasm().nnrp_wasm_client_receive(number, this.#now()));
    }
  }

  /** The server has ended its side of the transport cleanly. */
  endOfStream(): void {
    succeeded(wasm().nnrp_wasm_client_transport_ended(this.#live(), 1, this.#now()));
  }

  /** The transport has failed: what was sent may be lost. */
  transportLost(): void {
    succeeded(wasm().nnrp_wasm_client_transport_ended(this.#live(), 0, this.#now()));
  }

  /** Bytes for the transport, about 64 KiB at most; undefined when there are none. */
  transmit(): Uint8Array<ArrayBuffer> | undefined {
    succeeded(wasm().nnrp_wasm_client_transmit(this.#live()));
    const bytes = output();
    return bytes.length === 0 ? undefined : bytes;
  }

  /** What has happened, oldest first; call it again until the list is empty. */
  events(): ClientEvent[] {
    const count = wasm().nnrp_wasm_client_events(this.#live(), this.#now());
    return count === 0 ? [] : eventsOf(output(), (number) => new ResumableSession(number));
  }

  /** When `tick` is due, in milliseconds of the clock; undefined = never. May move with every call. */
  deadline(): number | undefined {
    const deadline = wasm().nnrp_wasm_client_deadline(this.#live());
    return BigInt.asUintN(64, deadline) === never ? undefined : Number(deadline) / 1000;
  }

  /** Time has passed; too early does no harm. */
  tick(now: number = this.#clock()): void {
    succeeded(wasm().nnrp_wasm_client_tick(this.#live(), timeArgument(now)));
  }

  /** Milliseconds of the clock. */
  now(): number {
    return this.#clock();
  }

  /** While false, leave the transport unread and fetch events. */
  get wantsBytes(): boolean {
    return this.#is("wantsBytes");
  }

  /** Whether to end the write side of the transport. */
  get shouldEndWrite(): boolean {
    return this.#is("shouldEndWrite");
  }

  /** Whether the transport can be dropped without waiting for the server. */
  get isFinished(): boolean {
    return this.#is("isFinished");
  }

  /** Whether the transport is lost or the connection has failed: no command is carried out any more. */
  get isOver(): boolean {
    return this.#is("isOver");
  }

  get helloAcknowledged(): boolean {
    return this.#is("helloAcknowledged");
  }

  /** Frames of a session without a terminal answer. */
  inFlight(sessionId: number): number {
    return wasm().nnrp_wasm_client_in_flight(this.#live(), sessionId) >>> 0;
  }

  /**
   * Asks for a session; without a profile for one of `tokenProfile`. Returns the ticket that `sessionOpened`,
   * `openRefused` or `openFailed` names. The body holds resume token, auth and extension blocks in this order.
   */
  openSession(open: Readonly<Partial<SessionOpen>> = {}, body?: Uint8Array): number {
    const metadata = objectArgument(open).profile_id === undefined ? { ...tokenProfile, ...open } : open;
    // Balanced, unless asked otherwise: the class of sessions that say nothing.
    return this.#command({ type: "SESSION_OPEN", metadata: { priority_class: 1, ...metadata } }, body);
  }

  /** Carries a session on that has lost, or left, its connection. Returns the ticket of the open. */
  resumeSession(session: ResumableSession): number {
    const client = this.#live();
    if (!(session instanceof ResumableSession)) throw wrongType(session, "a ResumableSession");
    const ticket = session.spendOn((number) =>
      succeeded(wasm().nnrp_wasm_client_resume(client, number, this.#now())),
    );
    this.onCommand?.();
    return ticket;
  }

  /** Takes a resumable session off this connection, to carry it on over another one. */
  detachSession(sessionId: number): ResumableSession {
    return new ResumableSession(succeeded(wasm().nnrp_wasm_client_detach(this.#live(), sessionId)));
  }

  /** Submits a frame and returns its id. "WouldBlock" consumes nothing; a `writable` event follows. */
  submit(sessionId: number, body: Uint8Array, options: SubmitOptions = {}): number {
    const { metadata = {}, flags = 0, viewId = 0, routeId = 0, traceId = 0n } = objectArgument(options);
    const header = {
      ...{ session_id: sessionId, flags, view_id: viewId, route_id: routeId },
      trace_id: traceId,
    };
    return this.#command({ type: "FRAME_SUBMIT", header, metadata }, body);
  }

  /** Tells the server that a frame is no longer wanted. Its answer may still come. */
  cancel(sessionId: number, frameId: number): void {
    this.#command({ type: "FRAME_CANCEL", header: { session_id: sessionId, frame_id: frameId } });
  }

  /** Asks for other session settings. Answered by `sessionPatched`. */
  patchSession(sessionId: number, patch: Readonly<Partial<SessionPatch>>, body?: Uint8Array): void {
    this.#command({ type: "SESSION_PATCH", header: { session_id: sessionId }, metadata: patch }, body);
  }

  /** Announces a change of transport. Answered by `sessionMigrated`. */
  migrateSession(sessionId: number, migrate: Readonly<Partial<SessionMigrate>>): void {
    this.#command({ type: "SESSION_MIGRATE", header: { session_id: sessionId }, metadata: migrate });
  }

  /** Closes a session; without a hello that ends the connection. Answered by `sessionEnded` or `closeAnswered`. */
  closeSession(sessionId: number, close?: Readonly<Partial<SessionClose>>): void {
    const head = encodeHead(
      { type: "SESSION_CLOSE", header: { session_id: sessionId }, metadata: close ?? {} },
      0,
    );
    // Without metadata the machine makes the ordinary close, with the frames that it has counted.
    this.#send(close === undefined ? head.subarray(0, headerBytes) : head);
  }

  /** Answered by `pong`. */
  ping(): void {
    this.#command({ type: "PING" });
  }

  /** Sends a transport probe with padding. Answered by `probeAcknowledged`. */
  probe(probeId: number, padding?: Uint8Array): void {
    this.#command({ type: "TRANSPORT_PROBE", metadata: { probe_id: probeId } }, padding);
  }

  /** Tells the server of an error; a fatal one of connection scope ends the connection. */
  reportError(report: Readonly<Partial<ErrorReport>>, diagnostic = ""): void {
    this.#command({ type: "ERROR", metadata: report }, new TextEncoder().encode(diagnostic));
  }

  /** Puts an object into the server's cache, for a session or with id 0 for the connection. */
  putObject(sessionId: number, put: Readonly<Partial<CachePut>>, object: Uint8Array): void {
    this.#command({ type: "CACHE_PUT", header: { session_id: sessionId }, metadata: put }, object);
  }

  /** Removes objects from the server's cache. */
  invalidateObjects(sessionId: number, invalidate: Readonly<Partial<CacheInvalidate>>): void {
    this.#command({ type: "CACHE_INVALIDATE", header: { session_id: sessionId }, metadata: invalidate });
  }

  /** Ends every session and the connection without an exchange. */
  close(): void {
    this.#command({ type: "CLOSE" });
  }

  /** Gives the memory of the connection back; it takes no call any more. */
  free(): void {
    wasm().nnrp_wasm_client_free(this.#live());
    this.#number = 0;
    forgotten.unregister(this);
  }

  #command(packet: PacketInput, body: Uint8Array = new Uint8Array()): number {
    return this.#send(encodeHead(packet, bytesArgument(body).length), body);
  }

  #send(head: Uint8Array, body: Uint8Array = new Uint8Array()): number {
    const client = this.#live();
    setInput(0, head);
    setInput(1, body);
    const result = succeeded(wasm().nnrp_wasm_client_command(client, this.#now()));
    this.onCommand?.();
    return result;
  }

  #is(name: keyof typeof stateBits): boolean {
    return (wasm().nnrp_wasm_client_state(this.#live()) & stateBits[name]) !== 0;
  }

  #now(): bigint {
    return timeArgument(this.#clock());
  }

  #live(): number {
    if (this.#number !== 0) return this.#number;
    throw new NnrpUsageError("ClientFreed", "this client was freed; make another one");
  }
}
