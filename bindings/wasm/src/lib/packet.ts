// Packets: decoded to objects whose fields are read when asked for, and encoded from plain ones.
import { bytesArgument, nameArgument, objectArgument } from "./arguments.ts";
import { NnrpUsageError, errorFromJson, type NnrpError } from "./errors.ts";
import { messageLayouts, messageTypes, type MessageName, type MetadataOf } from "./layouts.g.ts";
import { outputText, setInput, succeeded, wasm } from "./module.ts";
import { writeStructure } from "./structure.ts";

/** Bytes of the common header. */
export const headerBytes = 40;

/** The fields of the common header that mean something to applications. */
export interface PacketHeader {
  flags: number;
  session_id: number;
  frame_id: number;
  view_id: number;
  route_id: number;
  trace_id: bigint;
}

/** Metadata by the name of its message; the messages without have an empty object. */
export type Metadata<Name extends MessageName> = Name extends keyof MetadataOf
  ? MetadataOf[Name]
  : Readonly<Record<string, never>>;

/** A packet of one message. */
export interface PacketOf<Name extends MessageName> {
  readonly type: Name;
  readonly header: PacketHeader;
  readonly metadata: Metadata<Name>;
  /** Shares the bytes that were decoded. */
  readonly body: Uint8Array;
  /** The whole packet; shares the bytes that were decoded. */
  readonly bytes: Uint8Array;
}

/** A packet of any message: look at `type`, and `metadata` has its type. */
export type Packet = { [Name in MessageName]: PacketOf<Name> }[MessageName];

/** What `encodePacket` takes: what is absent is 0, or empty. */
export type PacketInput = {
  [Name in MessageName]: {
    readonly type: Name;
    readonly header?: Readonly<Partial<PacketHeader>>;
    readonly metadata?: Readonly<Partial<Metadata<Name>>>;
    readonly body?: Uint8Array;
  };
}[MessageName];

/** What stands at the start of a byte stream. */
export interface DecodedPackets {
  readonly packets: readonly Packet[];
  /** Bytes behind them: a packet that has not arrived in full, or the one at fault. */
  readonly rest: Uint8Array;
  /** What is wrong with the packet in `rest`, if anything is. */
  readonly error?: NnrpError;
}

/** Decodes one packet, which must be all of `bytes`; throws an NnrpCodecError. The packet shares the bytes. */
export function decodePacket(bytes: Uint8Array): Packet {
  setInput(0, bytes);
  succeeded(wasm().nnrp_wasm_check_packet());
  return new CheckedPacket(bytes, viewOf(bytes), 0, bytes.length) as unknown as Packet;
}

/** Decodes packets back to back up to the first that is incomplete or wrong. They share the bytes. */
export function decodePackets(bytes: Uint8Array): DecodedPackets {
  setInput(0, bytes);
  const count = wasm().nnrp_wasm_check_stream() >>> 0;
  const failure = wasm().nnrp_wasm_output_length() === 0 ? undefined : errorFromJson(outputText());
  const view = viewOf(bytes);
  const packets: Packet[] = [];
  let start = 0;
  while (packets.length < count) {
    const end = start + headerBytes + view.getUint32(start + 12, true) + view.getUint32(start + 16, true);
    packets.push(new CheckedPacket(bytes, view, start, end) as unknown as Packet);
    start = end;
  }
  return { packets, rest: bytes.subarray(start), ...(failure === undefined ? {} : { error: failure }) };
}

/** The bytes of a packet; throws an NnrpCodecError if they would be no valid one. */
export function encodePacket(packet: PacketInput): Uint8Array<ArrayBuffer> {
  const { body = new Uint8Array() } = objectArgument(packet);
  const head = encodeHead(packet, bytesArgument(body).length);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  setInput(0, bytes);
  succeeded(wasm().nnrp_wasm_check_packet());
  return bytes;
}

/** Header and metadata, not checked. */
export function encodeHead(
  { type, header, metadata }: PacketInput,
  bodyBytes: number,
): Uint8Array<ArrayBuffer> {
  if (!Object.hasOwn(messageTypes, type))
    throw new NnrpUsageError("UnknownMessage", `there is no message ${nameArgument(type)}`);
  const layout = type in messageLayouts ? messageLayouts[type as keyof MetadataOf] : noMetadata;
  const bytes = new Uint8Array(headerBytes + layout.size);
  const view = new DataView(bytes.buffer);
  bytes.set(constants);
  bytes[6] = messageTypes[type];
  if (header !== undefined) objectArgument(header);
  writeStructure(headerLayout, { ...header, meta_len: layout.size, body_len: bodyBytes }, view, 0);
  writeStructure(layout, metadata ?? {}, view, headerBytes);
  return bytes;
}

/** The kinds of entries of a corpus, in the order of their numbers (spec 18). */
const entryKinds = [
  "packet",
  "stream",
  "hello_pair",
  "open_pair",
  "migrate_pair",
  "schema_header",
  "typed_descriptor",
  "object_region",
  "prelude",
] as const;

export type EntryKind = (typeof entryKinds)[number];

/** The canonical lines of a corpus, each ended by a line feed; throws an NnrpUsageError for a malformed corpus. */
export function decodeLines(corpus: Uint8Array): string {
  setInput(0, corpus);
  succeeded(wasm().nnrp_wasm_decode_lines());
  return outputText();
}

/** The canonical line of one entry, index 0, without the line feed. */
export function decodeLine(kind: EntryKind, bytes: Uint8Array): string {
  const number = entryKinds.indexOf(kind);
  if (number < 0) throw new NnrpUsageError("UnknownKind", `there is no kind of entry ${nameArgument(kind)}`);
  const entry = new Uint8Array(5 + bytesArgument(bytes).length);
  new DataView(entry.buffer).setUint32(0, bytes.length + 1, true);
  entry[4] = number;
  entry.set(bytes, 5);
  return decodeLines(entry).trimEnd();
}

const constants = Uint8Array.of(0x4e, 0x4e, 0x52, 0x50, 1, 0, 0, headerBytes);

const noMetadata = { size: 0, fields: [] } as const;

const headerLayout = {
  size: headerBytes,
  fields: [
    ["flags", 8, 4],
    ["meta_len", 12, 4],
    ["body_len", 16, 4],
    ["session_id", 20, 4],
    ["frame_id", 24, 4],
    ["view_id", 28, 2],
    ["route_id", 30, 2],
    ["trace_id", 32, 8],
  ],
} as const;

const namesByNumber = new Map(
  Object.entries(messageTypes).map(([name, number]) => [number, name as MessageName]),
);

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes that the module has checked, as a packet; everything else is made when it is asked for. */
class CheckedPacket {
  readonly #source: Uint8Array;
  readonly #view: DataView;
  readonly #start: number;
  readonly #end: number;

  constructor(source: Uint8Array, view: DataView, start: number, end: number) {
    this.#source = source;
    this.#view = view;
    this.#start = start;
    this.#end = end;
  }

  get type(): MessageName {
    return namesByNumber.get(this.#view.getUint8(this.#start + 6) as 1) ?? "CLOSE";
  }

  get header(): PacketHeader {
    const [view, start] = [this.#view, this.#start];
    return {
      flags: view.getUint32(start + 8, true),
      session_id: view.getUint32(start + 20, true),
      frame_id: view.getUint32(start + 24, true),
      view_id: view.getUint16(start + 28, true),
      route_id: view.getUint16(start + 30, true),
      trace_id: view.getBigUint64(start + 32, true),
    };
  }

  get metadata(): object {
    const { type } = this;
    if (!(type in messageLayouts)) return {};
    return messageLayouts[type as keyof MetadataOf].read(this.#view, this.#start + headerBytes);
  }

  get bytes(): Uint8Array {
    return this.#source.subarray(this.#start, this.#end);
  }

  get body(): Uint8Array {
    const metadataBytes = this.#view.getUint32(this.#start + 12, true);
    return this.#source.subarray(this.#start + headerBytes + metadataBytes, this.#end);
  }
}
