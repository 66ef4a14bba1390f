// The selection of a transport by policy and probes (spec 16): JSON text in, JSON text or a thrown string out.
import { outputText, setText, wasm } from "./module.ts";

/** How transports are chosen. */
export type TransportPolicy = "auto" | "prefer_quic" | "prefer_tcp" | "force_quic" | "force_tcp";

/** Where a provider's code comes from. */
export type ProviderKind = "pure_rust" | "native_dynamic" | "wasm";

/** A provider of a transport: 1 is QUIC, 2 is TCP. */
export interface TransportProviderInput {
  name: string;
  version: string;
  transport_id: 1 | 2;
  /** Absent or null = "wasm". */
  kind?: ProviderKind | null;
  /** Absent or null = true. */
  available?: boolean | null;
  /** Null in results where there is none. */
  diagnostic?: string | null;
}

/** One probe as it was measured. */
export interface ProbeSampleInput {
  transport_id: 1 | 2;
  provider_name: string;
  elapsed_us: number;
  /** Absent or null = not known. */
  rtt_us?: number | null;
  bytes_sent: number;
  bytes_received: number;
  timed_out?: boolean | null;
  failed?: boolean | null;
}

/** What the samples of a provider come to; the lower the score, the better. */
export interface ProbeScore {
  sample_count: number;
  failure_count: number;
  failure_rate: number;
  median_rtt_us: number;
  throughput_bytes_per_sec: number;
  score: number;
}

/** Why a provider is no candidate. */
export type RejectionReason =
  "PolicyDisallowed" | "LocalProviderUnavailable" | "RemoteUnsupported" | "ProbeMissing" | "ProbeFailed";

/** What `selectTransportWithProbeJson` gives, as JSON. */
export interface TransportSelection {
  selected: TransportProviderInput;
  selected_score: ProbeScore;
  /** The best first, the selected one included. */
  candidates: { provider: TransportProviderInput; probe_score: ProbeScore }[];
  rejected: { transport_id: 1 | 2; provider_name?: string | null; reason: RejectionReason }[];
}

/** The major version of the protocol: 1. */
export function nnrp_wasm_protocol_major(): number {
  return wasm().nnrp_wasm_protocol_major();
}

/** The wire format of the protocol: 0. */
export function nnrp_wasm_wire_format(): number {
  return wasm().nnrp_wasm_wire_format();
}

/**
 * Chooses among providers; the arguments are JSON texts: an array of TransportProviderInput, an array of transport
 * numbers that the peer serves, a policy, an array of ProbeSampleInput. Returns a TransportSelection as JSON text.
 *
 * Throws a string that says what is wrong with the first argument that cannot be used, or that nothing fits.
 */
export function selectTransportWithProbeJson(
  providersJson: string,
  remoteTransportsJson: string,
  policy: TransportPolicy,
  samplesJson: string,
): string {
  setText(0, providersJson);
  setText(1, remoteTransportsJson);
  setText(2, policy);
  setText(3, samplesJson);
  return textOrThrow(wasm().nnrp_wasm_select_transport_with_probe());
}

/** The score of one provider as JSON text of a ProbeScore. Throws a string. */
export function scoreProviderProbeJson(
  providerJson: string,
  policy: TransportPolicy,
  samplesJson: string,
): string {
  setText(0, providerJson);
  setText(1, policy);
  setText(2, samplesJson);
  return textOrThrow(wasm().nnrp_wasm_score_provider_probe());
}

function textOrThrow(result: number): string {
  const text = outputText();
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- the contract of these two functions
  if (result === 0) throw text;
  return text;
}
