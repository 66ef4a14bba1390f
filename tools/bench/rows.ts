// All rows, in the order of the page.
import type { Row } from "./row.ts";
import { abiEvents, abiThreads, abiWake, abiWakeFree } from "./rows/abi-calls.ts";
import { abiRoundTrip } from "./rows/abi-round-trip.ts";
import { crowd } from "./rows/crowd.ts";
import { deaf } from "./rows/deaf.ts";
import { headerDecode } from "./rows/header-decode.ts";
import { matrixOverhead } from "./rows/matrix-overhead.ts";
import { nodeCalls } from "./rows/node-calls.ts";
import { packetDecode } from "./rows/packet-decode.ts";
import { packetEncode } from "./rows/packet-encode.ts";
import { quicIdle } from "./rows/quic-idle.ts";
import { quicLarge } from "./rows/quic-large.ts";
import { quicLatency } from "./rows/quic-latency.ts";
import { quicSmall } from "./rows/quic-small.ts";
import { tcpIdle } from "./rows/tcp-idle.ts";
import { tcpLargeSingle } from "./rows/tcp-large-single.ts";
import { tcpLarge } from "./rows/tcp-large.ts";
import { tcpLatency } from "./rows/tcp-latency.ts";
import { tcpOneWay } from "./rows/tcp-one-way.ts";
import { tcpSmall } from "./rows/tcp-small.ts";
import { wasmDecode } from "./rows/wasm-decode.ts";

export const rows: readonly Row[] = [
  headerDecode,
  packetDecode,
  packetEncode,
  wasmDecode,
  tcpSmall,
  tcpOneWay,
  tcpLatency,
  quicSmall,
  quicLatency,
  tcpLarge,
  tcpLargeSingle,
  quicLarge,
  tcpIdle,
  quicIdle,
  crowd,
  deaf,
  abiRoundTrip,
  abiEvents,
  abiWake,
  abiWakeFree,
  abiThreads,
  nodeCalls,
  matrixOverhead,
];
