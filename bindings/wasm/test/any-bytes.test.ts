// Property: whatever bytes come, the module answers with its own errors, and goes on.
import { beforeAll, expect, it } from "vitest";
import * as nnrp from "../src/manual.ts";
import { recordedPackets, vectorCorpus } from "./vectors.ts";
import { webModuleBytes } from "./web-package.ts";

beforeAll(() => nnrp.initSync(webModuleBytes()), 600_000);

/** The same numbers in each run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A copy with a few bytes changed, sometimes cut. */
function damaged(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = bytes.slice(0, random(4) === 0 ? random(bytes.length + 1) : bytes.length);
  for (let count = random(4); count > 0 && copy.length > 0; count -= 1)
    copy[random(copy.length)] = random(256);
  return copy;
}

function onlyOurErrors(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(nnrp.NnrpError);
  }
}

it("packets, streams and corpora with damage are refused, not stumbled over", () => {
  const random = randomNumbers(7);
  const sources = [...recordedPackets(), Buffer.concat(recordedPackets()), vectorCorpus()];
  for (let round = 0; round < 3000; round += 1) {
    const bytes = damaged(sources[random(sources.length)] ?? new Uint8Array(), random);
    onlyOurErrors(() => nnrp.decodePacket(bytes));
    onlyOurErrors(() => nnrp.decodePackets(bytes));
    if (round % 10 === 0) onlyOurErrors(() => nnrp.decodeLines(bytes));
  }
  expect(nnrp.nnrp_wasm_protocol_major()).toBe(1);
});

it("a client that is fed damage ends its connection, and the next one works", () => {
  const random = randomNumbers(11);
  const packets = recordedPackets();
  for (let round = 0; round < 500; round += 1) {
    const client = new nnrp.NnrpClient({ hello: random(2) === 0, clock: () => round });
    onlyOurErrors(() => client.openSession({ requested_session_id: 1 }));
    const stream = damaged(Buffer.concat(packets.slice(random(packets.length))), random);
    for (let start = 0; start < stream.length;) {
      const end = start + 1 + random(200);
      onlyOurErrors(() => client.receive(stream.subarray(start, end)));
      start = end;
      if (random(3) === 0) client.events();
      onlyOurErrors(() => client.submit(1, stream));
    }
    onlyOurErrors(() => client.endOfStream());
    while (client.events().length > 0);
    while (client.transmit() !== undefined);
    expect(client.isOver).toBe(true);
    client.free();
  }
});
