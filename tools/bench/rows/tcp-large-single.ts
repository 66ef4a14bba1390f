// Large messages over TCP, one after the other.
import { exchangeRow } from "../exchange-row.ts";
import { atLeast } from "../row.ts";

export const tcpLargeSingle = exchangeRow({
  name: "tcp-large-single",
  title: "TCP echo of 64 KiB, 1 in flight",
  transport: "tcp",
  size: 65_536,
  inFlight: 1,
  count: 8_000,
  figures: [
    {
      key: "per_second",
      title: "",
      unit: "/s",
      aims: [atLeast(0.95, "published"), atLeast(0.9, "floor")],
    },
  ],
});
