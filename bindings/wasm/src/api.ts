// Everything that the package offers, but for how it is loaded.
export { NnrpClient, tokenProfile, type SubmitOptions } from "./lib/client.ts";
export type {
  ClientEvent,
  EndCause,
  FrameContext,
  HelloExtensions,
  ResumeOutcome,
  SchemaAnswer,
} from "./lib/client-events.ts";
export {
  standardHello,
  type ClientLimits,
  type ClientOptions,
  type ClientTimeouts,
} from "./lib/client-options.ts";
export type { DriveOptions } from "./lib/driver.ts";
export {
  NnrpCodecError,
  NnrpCommandError,
  NnrpError,
  NnrpProtocolError,
  NnrpUsageError,
  type ErrorDetail,
} from "./lib/errors.ts";
export * from "./lib/layouts.g.ts";
export {
  decodeLine,
  decodeLines,
  decodePacket,
  decodePackets,
  encodePacket,
  type DecodedPackets,
  type EntryKind,
  type Metadata,
  type Packet,
  type PacketHeader,
  type PacketInput,
  type PacketOf,
} from "./lib/packet.ts";
export type { ResumableSession } from "./lib/resumable-session.ts";
export {
  nnrp_wasm_protocol_major,
  nnrp_wasm_wire_format,
  scoreProviderProbeJson,
  selectTransportWithProbeJson,
  type ProbeSampleInput,
  type ProbeScore,
  type ProviderKind,
  type RejectionReason,
  type TransportPolicy,
  type TransportProviderInput,
  type TransportSelection,
} from "./lib/selection.ts";
export { driveStreams, type ByteStreams } from "./lib/streams.ts";
export { driveWebSocket, type WebSocketLike } from "./lib/websocket.ts";
