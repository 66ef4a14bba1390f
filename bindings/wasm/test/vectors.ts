// Reads spec/vectors, and makes of them a corpus of everything in there that is bytes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../../../nnrp.project.ts";
import { encodePacket, messageTypes, type EntryKind, type MessageName } from "../src/api.ts";

export interface Accepted {
  readonly id: string;
  readonly structure: string;
  readonly bytes: Uint8Array;
  /** By "header.x" or "metadata.x". */
  readonly fields: ReadonlyMap<string, bigint>;
}

export interface Rejected {
  readonly id: string;
  readonly structure: string;
  readonly bytes: Uint8Array;
  /** Kind, then payload. */
  readonly error: readonly string[];
}

export function acceptedVectors(): Accepted[] {
  return blocks("accept.txt").map((lines) => {
    const words = lines.map((line) => line.split(" "));
    const value = (key: string): string => words.find(([first]) => first === key)?.[1] ?? "";
    const fields = words.filter(([first]) => first === "field");
    return {
      id: value("vector"),
      structure: value("structure"),
      bytes: fromHex(value("hex")),
      fields: new Map(fields.map(([, name = "", number = ""]) => [name, BigInt(number)])),
    };
  });
}

export function rejectedVectors(): Rejected[] {
  return lines("reject.txt").map((line) => {
    const [, id = "", structure = "", hex = "", ...error] = line.split(" ");
    return { id, structure, bytes: fromHex(hex), error };
  });
}

/** Whole packets of the recorded session. */
export function recordedPackets(): Uint8Array[] {
  return lines("transcript.txt").map((line) => fromHex(line.split(" ")[2] ?? ""));
}

/** The bytes of a vector as a whole packet, if it is metadata of a message. */
export function isMessage(structure: string): structure is MessageName {
  return structure in messageTypes;
}

/** Metadata in the packet of its message, whether or not it is valid. */
export function inPacket(message: MessageName, metadata: Uint8Array): Uint8Array {
  const head = encodePacket({ type: "PING" });
  const packet = new Uint8Array(head.length + metadata.length);
  packet.set(head);
  packet.set(metadata, head.length);
  packet[6] = messageTypes[message];
  new DataView(packet.buffer).setUint32(12, metadata.length, true);
  return packet;
}

/** The entries of decode.txt as a corpus, and the lines that an independent decoder gave for them. */
export function independentLines(): { readonly corpus: Uint8Array; readonly lines: readonly string[] } {
  const all = lines("decode.txt");
  const entries = all.filter((line) => line.startsWith("entry ")).map((line) => line.split(" "));
  const corpus = corpusOf(
    entries.map(([, kind = "", hex = ""]) => [kind as EntryKind, fromHex(hex === "-" ? "" : hex)]),
  );
  const expected = all.filter((line) => line.startsWith("line ")).map((line) => line.slice("line ".length));
  return { corpus, lines: expected };
}

/** A corpus of every vector under its kind, and of each packet once more as a stream. */
export function vectorCorpus(): Uint8Array {
  const vectors = [...acceptedVectors(), ...rejectedVectors()];
  const entries = vectors.flatMap(({ structure, bytes }) => entriesOf(structure, bytes));
  const packets = recordedPackets();
  const streams = [Buffer.concat(packets), Buffer.concat(packets).subarray(0, -1)];
  return corpusOf([
    ...entries,
    ...packets.map((bytes) => ["packet", bytes] as const),
    ...streams.map((bytes) => ["stream", bytes] as const),
    ...lines("opens.txt").map((line) => ["open_pair", fromHex(openHex(line))] as const),
  ]);
}

const kinds: readonly EntryKind[] = [
  ...(["packet", "stream", "hello_pair", "open_pair", "migrate_pair"] as const),
  ...(["schema_header", "typed_descriptor", "object_region", "prelude"] as const),
];

export function corpusOf(entries: readonly (readonly [EntryKind, Uint8Array])[]): Uint8Array {
  const encoded = entries.map(([kind, bytes]) => {
    const head = Buffer.alloc(5);
    head.writeUInt32LE(bytes.length + 1);
    head[4] = kinds.indexOf(kind);
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat(encoded);
}

function entriesOf(structure: string, bytes: Uint8Array): (readonly [EntryKind, Uint8Array])[] {
  switch (structure) {
    case "packet":
    case "header":
      return [
        ["packet", bytes],
        ["stream", bytes],
      ];
    case "body_region_prelude":
      return [["prelude", bytes]];
    case "object_reference_block":
      return [["object_region", bytes]];
    case "schema_descriptor_header":
      return [["schema_header", bytes]];
    case "typed_payload_descriptor":
      return [["typed_descriptor", bytes]];
    default:
      return isMessage(structure) ? [["packet", inPacket(structure, bytes)]] : [];
  }
}

/** The two structures of a recorded open, one behind the other. */
function openHex(line: string): string {
  const [, open = "", ack = ""] = line.split(" ");
  return open + ack;
}

function lines(file: string): string[] {
  const text = readFileSync(join(project.root, "spec/vectors", file), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** Runs of lines that start with `vector`. */
function blocks(file: string): string[][] {
  const found: string[][] = [];
  for (const line of lines(file)) {
    if (line.startsWith("vector ")) found.push([]);
    found.at(-1)?.push(line);
  }
  return found;
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
