// The time of one small message over QUIC and back.
import { exchangeRow } from "../exchange-row.ts";
import { atMost } from "../row.ts";

export const quicLatency = exchangeRow({
  name: "quic-latency",
  title: "QUIC echo of 64 B, 1 in flight",
  transport: "quic",
  size: 64,
  inFlight: 1,
  count: 10_000,
  figures: [{ key: "p50_us", title: "p50", unit: "µs", aims: [atMost(1.3, "floor")] }],
});
