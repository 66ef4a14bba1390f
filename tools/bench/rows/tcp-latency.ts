// The time of one small message over TCP and back.
import { exchangeRow } from "../exchange-row.ts";
import { atMost } from "../row.ts";

export const tcpLatency = exchangeRow({
  name: "tcp-latency",
  title: "TCP echo of 64 B, 1 in flight",
  transport: "tcp",
  size: 64,
  inFlight: 1,
  count: 20_000,
  figures: [
    { key: "p50_us", title: "p50", unit: "µs", aims: [atMost(1.5, "floor")] },
    { key: "p99_us", title: "p99", unit: "µs", aims: [atMost(1.5, "floor")] },
  ],
});
