// How a client connection is set up: limits, waiting times, hello and schemas.
import { structureLayouts, type ClientHello, type SchemaDescriptor } from "./layouts.g.ts";
import { encodeHead, headerBytes } from "./packet.ts";
import { writeStructure } from "./structure.ts";

/** Bounds of a connection; every announced length is compared with them before anything is allocated. */
export interface ClientLimits {
  /** Largest metadata of a packet, bytes. Default 4096. */
  metadataBytes?: number;
  /** Largest body of a packet in both directions, bytes. Default 16 MiB. */
  bodyBytes?: number;
  /** Sessions open at once. Default 64. */
  sessions?: number;
  /** Unfinished operations of one session, whatever the peer granted. Default 256. */
  operationsInFlight?: number;
  /** Events that may wait before reading stops. Default 256. */
  queuedEvents?: number;
  /** Body bytes of those events. Default 8 MiB. */
  queuedEventBytes?: number;
  /** Packets that may wait for the transport before commands answer "WouldBlock". Default 1024. */
  outgoingPackets?: number;
  /** Bytes of those packets. Default 8 MiB. */
  outgoingBytes?: number;
  /** Bytes that a resumable session keeps of unanswered submits. Default 8 MiB. */
  retainedBytes?: number;
  /** Packets a second that are neither results nor drops. Default 10000. */
  controlPacketsPerSecond?: number;
}

/** Waiting times in milliseconds; null = for ever. */
export interface ClientTimeouts {
  /** For the answer to the hello or to an open. Default 10000. */
  open?: number;
  /** For the answer to a patch, a migration, a close or a put. Default 10000. */
  request?: number;
  /** For the answer to a ping. Default 10000. */
  ping?: number;
  /** Silence after which a ping leaves by itself, once the hello is answered. Default 15000. */
  keepAlive?: number | null;
  /** For any packet while a frame is unanswered. Default null. */
  idle?: number | null;
}

export interface ClientOptions {
  /**
   * What is sent before anything else. `true`, the default: what this package can carry, and fields that are given
   * instead of its own. `false`: nothing; the connection carries one session, as servers want it that know no hello.
   */
  hello?: boolean | Readonly<Partial<ClientHello>>;
  limits?: Readonly<ClientLimits>;
  timeouts?: Readonly<ClientTimeouts>;
  /** Schemas that the hello offers, at most 64. */
  schemas?: readonly Readonly<Partial<SchemaDescriptor>>[];
  /** Milliseconds since any fixed point, never backwards. Default `performance.now`. */
  clock?: () => number;
}

/** What this package can carry. */
export const standardHello: Readonly<Partial<ClientHello>> = {
  min_version_major: 1,
  max_version_major: 1,
  supported_wire_format_bitmap: 1,
  supported_profile_bitmap: 0b11,
  supported_payload_kind_bitmap: 0x7f,
  cache_object_bitmap: 0x1ff,
  cache_namespace_count: 0xffff,
  max_lane_count: 1,
  max_cache_entries: 1024,
  max_cache_bytes: 16 << 20,
};

/** The settings as text: limits and times. */
export function settingsText({ limits = {}, timeouts = {} }: ClientOptions): string {
  return JSON.stringify({ limits, timeouts });
}

/** Metadata of the hello; empty where none is sent. */
export function helloBytes({ hello = true }: ClientOptions): Uint8Array {
  if (hello === false) return new Uint8Array();
  const metadata = { ...standardHello, ...(hello === true ? {} : hello) };
  return encodeHead({ type: "CLIENT_HELLO", metadata }, 0).subarray(headerBytes);
}

/** Descriptors back to back. */
export function schemaBytes({ schemas = [] }: ClientOptions): Uint8Array {
  const layout = structureLayouts.SchemaDescriptor;
  const bytes = new Uint8Array(layout.size * schemas.length);
  const view = new DataView(bytes.buffer);
  for (const [index, schema] of schemas.entries()) writeStructure(layout, schema, view, index * layout.size);
  return bytes;
}
