// A thousand connections with ten sessions each that say little, alone and beside one that never stops.
import { call, live, ourServer } from "../peers.ts";
import { atMost, type Contestant, type Row, type Surroundings } from "../row.ts";

const seconds = 2;

export const crowd: Row = {
  name: "crowd",
  title:
    "exchange of a quiet one of 1,000 connections × 10 sessions while one other never stops; floor: while none does",
  rounds: 5,
  figures: [
    { key: "p50_us", title: "p50", unit: "µs", aims: [] },
    { key: "p99_us", title: "p99", unit: "µs", aims: [atMost(2, "floor")] },
  ],
  contestants: {
    ours: (surroundings) => quietOnes(surroundings, true),
    floor: (surroundings) => quietOnes(surroundings, false),
  },
};

async function quietOnes(surroundings: Surroundings, besideHotOne: boolean): Promise<Contestant> {
  const { programs, quick } = surroundings;
  const { server, uri } = await ourServer("tcp", surroundings);
  const size = quick ? ["--connections", "5", "--seconds", "0.1"] : ["--seconds", String(seconds)];
  const quiet = [programs.bench, "crowd", uri, ...size];
  const hot = [programs.echo, "call", uri, "--in-flight", "256", "--duration", "600", "--json"];
  return {
    measure: async () => {
      if (!besideHotOne) return call(quiet, surroundings);
      const busy = live(hot, surroundings);
      const measured = await call(quiet, surroundings);
      await busy.kill();
      return measured;
    },
    stop: () => server.stop(),
  };
}
