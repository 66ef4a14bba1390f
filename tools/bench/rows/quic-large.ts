// Large messages over QUIC.
import { exchangeRow } from "../exchange-row.ts";
import { atLeast } from "../row.ts";

export const quicLarge = exchangeRow({
  name: "quic-large",
  title: "QUIC echo of 64 KiB, 16 in flight",
  transport: "quic",
  size: 65_536,
  inFlight: 16,
  count: 1_500,
  figures: [
    {
      key: "per_second",
      title: "",
      unit: "/s",
      aims: [atLeast(2, "published"), atLeast(0.8, "floor")],
    },
  ],
});
