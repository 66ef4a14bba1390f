// The C ABI without a network: what its calls cost, how soon a wake is served, and whether threads get in each other's way.
import { abiProgram } from "../abi-program.ts";
import { call } from "../peers.ts";
import { atLeast, atMost, type Contestant, type Row, type Surroundings } from "../row.ts";

const threads = 8;
const threadsMs = 1500;

export const abiEvents: Row = {
  name: "abi-events",
  title: "C ABI, submit and drain in batches of 64, 256 in flight, in memory",
  figures: [
    { key: "call_ns", title: "time of the caller for an event", unit: "ns", aims: [atMost(60, "itself")] },
    { key: "per_second", title: "exchanges", unit: "/s", aims: [] },
  ],
  contestants: { ours: (surroundings) => alone(surroundings, "events", surroundings.quick ? 200 : 500_000) },
};

const wakeFigure = { key: "p50_us", title: "p50", unit: "µs" } as const;

export const abiWake: Row = {
  name: "abi-wake",
  title: "C ABI, from the wake callback to the end of the drain, both threads on one CPU",
  placements: ["one CPU"],
  figures: [{ ...wakeFigure, aims: [atMost(15, "itself")] }],
  contestants: { ours: wake },
};

export const abiWakeFree: Row = {
  name: "abi-wake-free",
  title: "C ABI, from the wake callback to the end of the drain, wherever the system wants",
  placements: ["free"],
  figures: [{ ...wakeFigure, aims: [] }],
  contestants: { ours: wake },
};

export const abiThreads: Row = {
  name: "abi-threads",
  title: `C ABI, ${threads} threads on ${threads} connections in memory; floor: the same on one CPU`,
  placements: ["free"],
  figures: [{ key: "per_second", title: "exchanges", unit: "/s", aims: [atLeast(3.5, "floor")] }],
  contestants: {
    ours: (surroundings) => manyThreads(surroundings, []),
    floor: (surroundings) => manyThreads(surroundings, ["taskset", "-c", "0"]),
  },
};

function wake(surroundings: Surroundings): Promise<Contestant> {
  return alone(surroundings, "wake", surroundings.quick ? 20 : 10_000);
}

async function alone(surroundings: Surroundings, what: string, count: number): Promise<Contestant> {
  const program = await abiProgram(surroundings);
  return {
    measure: () => call([program, what, String(count)], surroundings),
    stop: () => Promise.resolve(),
  };
}

async function manyThreads(surroundings: Surroundings, prefix: readonly string[]): Promise<Contestant> {
  const program = await abiProgram(surroundings);
  const milliseconds = surroundings.quick ? 20 : threadsMs;
  return {
    measure: () => call([...prefix, program, "threads", String(threads), String(milliseconds)], surroundings),
    stop: () => Promise.resolve(),
  };
}
