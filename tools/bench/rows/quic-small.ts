// Small messages over QUIC, as many at once as a session may have.
import { exchangeRow } from "../exchange-row.ts";
import { atLeast } from "../row.ts";

export const quicSmall = exchangeRow({
  name: "quic-small",
  title: "QUIC echo of 64 B, 256 in flight",
  transport: "quic",
  size: 64,
  inFlight: 256,
  count: 200_000,
  figures: [{ key: "per_second", title: "", unit: "/s", aims: [atLeast(2, "published")] }],
});
