// Small messages over TCP in one direction, coalesced: what no echo can reach, for the scale.
import { programRow } from "../program-row.ts";
import { contestant } from "../peers.ts";
import type { Row } from "../row.ts";

const oneWay = programRow({
  name: "tcp-one-way",
  title: "TCP of 64 B in one direction, raw and coalesced, against our echo",
  figures: [{ key: "per_second", title: "", unit: "/s", aims: [] }],
  programs: {
    floor: ({ bench }, quick) => [bench, "one-way", "--count", quick ? "100" : "2000000"],
  },
});

export const tcpOneWay: Row = {
  ...oneWay,
  contestants: {
    ours: (surroundings) =>
      contestant("ours", { transport: "tcp", size: 64, inFlight: 256, count: 300_000 }, surroundings),
    ...oneWay.contestants,
  },
};
