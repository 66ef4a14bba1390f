// Prints what one call from Node costs in each way, one JSON row a line; ratios are to the hand-written Node-API call of the same run.
import { buildBenchFiles } from "./bench-library.ts";
import { waysToCall, type Calls } from "./ways.ts";

const rounds = 9;
const roundMs = 20;

const titles: Readonly<Record<keyof Calls, string>> = {
  abiVersion: "abi_version, no argument",
  optionsSetU64: "options_set_u64, four arguments",
  queueDrain: "queue_drain of an empty queue, six arguments",
  sessionSubmit: "session_submit to a stale handle, six arguments",
};

const ways = waysToCall(buildBenchFiles());
for (const [call, title] of Object.entries(titles) as [keyof Calls, string][]) {
  checkAgreement(call);
  const samples = measure(call);
  const floor = median(samples.values().next().value ?? []);
  for (const [way, nanoseconds] of samples) {
    const value = median(nanoseconds);
    console.log(JSON.stringify({ name: `${title}: ${way}`, value, unit: "ns", ratio: value / floor }));
  }
}

/** The ways must get the same answer, or they measure different things. */
function checkAgreement(call: keyof Calls): void {
  const answers = new Set([...ways.values()].map((calls) => Number(calls[call]())));
  if (answers.size !== 1) throw new Error(`${call}: the ways disagree: ${[...answers].join(", ")}`);
}

/** Nanoseconds per call, the rounds of the ways taken in turn so that drift meets all of them. */
function measure(call: keyof Calls): Map<string, number[]> {
  const samples = new Map([...ways.keys()].map((way) => [way, [] as number[]]));
  for (const calls of ways.values()) timeRound(calls[call]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [way, calls] of ways) samples.get(way)?.push(timeRound(calls[call]));
  }
  return samples;
}

function timeRound(call: () => unknown): number {
  const chunk = 500;
  let calls = 0;
  const started = performance.now();
  let elapsed = 0;
  while (elapsed < roundMs) {
    for (let index = 0; index < chunk; index += 1) call();
    calls += chunk;
    elapsed = performance.now() - started;
  }
  return (elapsed * 1e6) / calls;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
