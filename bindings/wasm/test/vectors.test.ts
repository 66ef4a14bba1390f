// Every vector of spec/vectors goes through the module: fields, errors, bytes back, and the lines of nnrp-conformance.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hostProgram } from "../../node/test/host-addon.ts";
import * as nnrp from "../src/manual.ts";
import {
  acceptedVectors,
  inPacket,
  independentLines,
  isMessage,
  recordedPackets,
  rejectedVectors,
  vectorCorpus,
} from "./vectors.ts";
import { webModuleBytes } from "./web-package.ts";

beforeAll(() => nnrp.initSync(webModuleBytes()), 600_000);

describe("the vectors", () => {
  it("decode to their fields and encode to their bytes", () => {
    let checked = 0;
    for (const { id, structure, bytes, fields } of acceptedVectors()) {
      if (structure !== "packet" && !isMessage(structure)) continue;
      const whole = isMessage(structure) ? inPacket(structure, bytes) : bytes;
      const packet = nnrp.decodePacket(whole);
      for (const [name, value] of fields) {
        const [part, field = ""] = name.split(".");
        const found = part === "header" ? headerField(packet, field) : metadataField(packet, field);
        expect(BigInt(found), `${id}: ${name}`).toBe(value);
      }
      expect(Buffer.from(encodedAgain(packet)).toString("hex"), id).toBe(Buffer.from(whole).toString("hex"));
      checked += 1;
    }
    expect(checked).toBeGreaterThan(30);
  });

  it("that are to be refused are refused with their error", () => {
    let checked = 0;
    for (const { id, structure, bytes, error } of rejectedVectors()) {
      if (structure !== "packet" && !isMessage(structure)) continue;
      const whole = isMessage(structure) ? inPacket(structure, bytes) : bytes;
      const [kind, ...payload] = error;
      const refused = errorOf(() => nnrp.decodePacket(whole));
      expect(refused, id).toBeInstanceOf(nnrp.NnrpCodecError);
      expect(refused.code, id).toBe(kind);
      expect(payloadOf(refused), id).toEqual(payload);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(20);
  });

  it("give the lines of nnrp-conformance, to the byte", () => {
    const corpus = vectorCorpus();
    const lines = nnrp.decodeLines(corpus);
    expect(lines).toBe(conformanceLines(corpus));
    expect(lines.split("\n").length).toBeGreaterThan(100);
  }, 600_000);

  it("of an independent decoder have the lines that it gave", () => {
    const { corpus, lines } = independentLines();
    expect(lines.length).toBeGreaterThan(50);
    expect(nnrp.decodeLines(corpus).trimEnd().split("\n")).toEqual(lines);
  });

  it("of the recorded session are packets of a stream, however much of it has arrived", () => {
    const stream = new Uint8Array(Buffer.concat(recordedPackets()));
    const all = nnrp.decodePackets(stream);
    expect(all.packets.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).toEqual(
      recordedPackets().map((bytes) => Buffer.from(bytes).toString("hex")),
    );
    expect(all.rest.length).toBe(0);
    const cut = nnrp.decodePackets(stream.subarray(0, -1));
    expect(cut).toMatchObject({ packets: { length: all.packets.length - 1 } });
    expect(cut.error).toBeUndefined();
    stream[stream.length - 1 - 15] = 0xff;
    expect(nnrp.decodePackets(stream).error).toBeInstanceOf(nnrp.NnrpCodecError);
  });
});

function conformanceLines(corpus: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "nnrp-corpus-"));
  try {
    const file = join(folder, "corpus");
    writeFileSync(file, corpus);
    const program = hostProgram("nnrp-conformance", "nnrp-conformance");
    return execFileSync(program, ["decode", "--corpus", file], { encoding: "utf8", maxBuffer: 1 << 28 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The members of an error's payload in the order in which the vectors write them. */
const payloadOrder = ["name", "value", "allowed", "declared", "expected", "actual", "field", "rule"];

function payloadOf({ detail }: nnrp.NnrpError): string[] {
  return payloadOrder.flatMap((name) => (name in detail ? [String(detail[name])] : []));
}

function encodedAgain(packet: nnrp.Packet): Uint8Array {
  const { type, header, metadata, body } = packet;
  return nnrp.encodePacket({ type, header, metadata, body } as nnrp.PacketInput);
}

function headerField(packet: nnrp.Packet, name: string): number | bigint {
  const view = new DataView(packet.bytes.buffer, packet.bytes.byteOffset);
  if (name === "message_type") return nnrp.messageTypes[packet.type];
  if (name === "meta_len") return view.getUint32(12, true);
  if (name === "body_len") return packet.body.length;
  return (packet.header as unknown as Record<string, number | bigint>)[name] ?? -1;
}

function metadataField(packet: nnrp.Packet, name: string): number | bigint {
  return (packet.metadata as Record<string, number | bigint>)[name] ?? -1;
}

function errorOf(action: () => unknown): nnrp.NnrpError {
  try {
    action();
  } catch (error) {
    return error as nnrp.NnrpError;
  }
  throw new Error("nothing was refused");
}
