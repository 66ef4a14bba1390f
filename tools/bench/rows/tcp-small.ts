// Small messages over TCP, as many at once as a session may have.
import { exchangeRow } from "../exchange-row.ts";
import { atLeast } from "../row.ts";

export const tcpSmall = exchangeRow({
  name: "tcp-small",
  title: "TCP echo of 64 B, 256 in flight",
  transport: "tcp",
  size: 64,
  inFlight: 256,
  count: 300_000,
  figures: [{ key: "per_second", title: "", unit: "/s", aims: [atLeast(10, "published")] }],
});
