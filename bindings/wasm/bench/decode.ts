// Measures the decode of a 176-byte packet from JavaScript: checked by the module, and as objects. Prints one line of JSON.
//
// usage: node --import tsx decode.ts MODULE [--rounds N]
import { readFileSync } from "node:fs";
import { decodePackets, encodePacket, initSync } from "../src/manual.ts";
import { setInput, wasm } from "../src/lib/module.ts";

/** Repetitions of a chunk; the fastest half of the chunks is what the machine did when nobody disturbed it, and their median is reported. */
const chunks = 64;
/** Packets in rotation, as in the measurement of the native decoder. */
const packets = 64;
const bodyBytes = 64;

const [file = "", , rounds = "200"] = process.argv.slice(2);
initSync(readFileSync(file));

const stream = new Uint8Array(
  Buffer.concat(
    Array.from({ length: packets }, (_, index) =>
      encodePacket({
        type: "FRAME_SUBMIT",
        header: {
          ...{ session_id: 1 + index, frame_id: index * 7, view_id: 3, route_id: 5 },
          trace_id: BigInt(index) << 33n,
        },
        metadata: {
          ...{ latency_budget_ms: 20, retry_of_frame: index },
          ...{ payload_kind_bitmap: 2, payload_frame_count: 1 },
        },
        body: new Uint8Array(bodyBytes).fill(index),
      }),
    ),
  ),
);

console.log(JSON.stringify({ value: nanoseconds(checked), objects: nanoseconds(asObjects) }));

/** Copied into the module and decoded there. */
function checked(): number {
  setInput(0, stream);
  return wasm().nnrp_wasm_check_stream();
}

/** The public call, and a field of header and metadata of each packet. */
function asObjects(): number {
  let good = 0;
  for (const packet of decodePackets(stream).packets)
    if (packet.type === "FRAME_SUBMIT" && packet.header.view_id + packet.metadata.latency_budget_ms === 23)
      good += 1;
  return good;
}

/** For each packet. */
function nanoseconds(measured: () => number): number {
  const times = Array.from({ length: chunks }, () => {
    const started = process.hrtime.bigint();
    let good = 0;
    for (let round = 0; round < Number(rounds); round += 1) good += measured();
    if (good !== Number(rounds) * packets) throw new Error("a packet was refused");
    return Number(process.hrtime.bigint() - started) / good;
  });
  return times.sort((a, b) => a - b)[chunks / 4] ?? Number.NaN;
}
