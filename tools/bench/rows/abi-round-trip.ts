// What the C ABI adds to a round trip: its thread for the network beside the one of the application.
import { abiProgram } from "../abi-program.ts";
import { call, contestant, ourServer } from "../peers.ts";
import { atMost, type Contestant, type Row, type Surroundings } from "../row.ts";

const exchange = { transport: "tcp", size: 64, inFlight: 1, count: 20_000 } as const;

export const abiRoundTrip: Row = {
  name: "abi-round-trip",
  title: "C ABI over TCP, 64 B, 1 in flight; floor: the Rust API",
  figures: [{ key: "p50_us", title: "p50", unit: "µs", aims: [atMost(1.2, "floor")] }],
  contestants: {
    ours: throughC,
    floor: (surroundings) => contestant("ours", exchange, surroundings),
  },
};

async function throughC(surroundings: Surroundings): Promise<Contestant> {
  const program = await abiProgram(surroundings);
  const { server, uri } = await ourServer("tcp", surroundings);
  const count = surroundings.quick ? 50 : exchange.count;
  return {
    measure: () => call([program, "round-trip", uri, String(count)], surroundings),
    stop: () => server.stop(),
  };
}
