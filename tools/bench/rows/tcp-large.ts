// Large messages over TCP.
import { exchangeRow } from "../exchange-row.ts";
import { atLeast } from "../row.ts";

export const tcpLarge = exchangeRow({
  name: "tcp-large",
  title: "TCP echo of 64 KiB, 16 in flight",
  transport: "tcp",
  size: 65_536,
  inFlight: 16,
  count: 8_000,
  figures: [{ key: "per_second", title: "", unit: "/s", aims: [atLeast(2, "published")] }],
});
