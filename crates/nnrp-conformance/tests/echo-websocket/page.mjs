// Speaks NNRP over the global WebSocket: session open, three submits, close; prints one line if the answers are right.

import assert from "node:assert/strict";

const HEADER_BYTES = 40;
const SESSION = 77;
const types = { open: 0x07, openAck: 0x08, close: 0x09, closeAck: 0x0a, submit: 0x10, result: 0x12 };

function packet(type, session, frame, metadata, body = new Uint8Array()) {
  const bytes = new Uint8Array(HEADER_BYTES + metadata.byteLength + body.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4e, 0x4e, 0x52, 0x50, 1, 0, type, HEADER_BYTES]);
  [metadata.byteLength, body.byteLength, session, frame].forEach((word, index) =>
    view.setUint32(12 + 4 * index, word, true),
  );
  bytes.set(new Uint8Array(metadata.buffer), HEADER_BYTES);
  bytes.set(body, HEADER_BYTES + metadata.byteLength);
  return bytes;
}

// Spec 02, SESSION_OPEN: a token session with schema (0x1001, 3), four frames in flight.
function sessionOpen() {
  const metadata = new DataView(new ArrayBuffer(48));
  metadata.setUint32(0, SESSION, true);
  metadata.setUint16(4, 2, true);
  metadata.setUint8(6, 1);
  metadata.setUint32(8, 0x1001, true);
  metadata.setUint32(12, 3, true);
  metadata.setUint16(20, 4, true);
  return packet(types.open, 0, 0, metadata);
}

// Spec 03, FRAME_SUBMIT: one token payload.
function submit(frame, body) {
  const metadata = new DataView(new ArrayBuffer(72));
  metadata.setUint32(64, 2, true);
  metadata.setUint16(68, 1, true);
  return packet(types.submit, SESSION, frame, metadata, body);
}

function sessionClose(lastFrame) {
  const metadata = new DataView(new ArrayBuffer(24));
  metadata.setUint8(0, 1);
  metadata.setBigUint64(8, BigInt(lastFrame), true);
  metadata.setUint32(20, SESSION, true);
  return packet(types.close, SESSION, 0, metadata);
}

/** Bytes of messages, whose borders mean nothing, as packets. */
class Packets {
  #bytes = Buffer.alloc(0);
  #arrival = resolvers();

  add(message) {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(message)]);
    this.#arrival.resolve();
    this.#arrival = resolvers();
  }

  async next() {
    while (this.#bytes.length < HEADER_BYTES || this.#bytes.length < this.#length()) {
      await this.#arrival.promise;
    }
    const length = this.#length();
    const [packet, rest] = [this.#bytes.subarray(0, length), this.#bytes.subarray(length)];
    this.#bytes = rest;
    const metadataEnd = HEADER_BYTES + packet.readUInt32LE(12);
    return {
      type: packet[6],
      frame: packet.readUInt32LE(24),
      metadata: packet.subarray(HEADER_BYTES, metadataEnd),
      body: packet.subarray(metadataEnd),
    };
  }

  #length() {
    return HEADER_BYTES + this.#bytes.readUInt32LE(12) + this.#bytes.readUInt32LE(16);
  }
}

function resolvers() {
  const made = {};
  made.promise = new Promise((resolve) => (made.resolve = resolve));
  return made;
}

const socket = new WebSocket(process.argv[2], ["nnrp.1"]);
socket.binaryType = "arraybuffer";
const packets = new Packets();
socket.addEventListener("message", (event) => packets.add(event.data));
const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
await new Promise((resolve, reject) => {
  socket.addEventListener("open", resolve);
  socket.addEventListener("error", () => reject(new Error("no WebSocket")));
});
assert.equal(socket.protocol, "nnrp.1");

// A packet in pieces, down to a single byte.
const open = sessionOpen();
for (const [start, end] of [
  [0, 1],
  [1, 39],
  [39, 60],
  [60, open.length],
]) {
  socket.send(open.subarray(start, end));
}
const ack = await packets.next();
assert.deepEqual([ack.type, ack.metadata.readUInt32LE(0), ack.metadata[7]], [types.openAck, SESSION, 0]);

const bodies = [0, 5, 300_000].map((length) => Uint8Array.from({ length }, (_, index) => index % 251));
// Several packets in one message.
socket.send(Buffer.concat(bodies.map((body, index) => submit(index + 1, body))));
for (const [index, body] of bodies.entries()) {
  const result = await packets.next();
  assert.deepEqual([result.type, result.frame], [types.result, index + 1]);
  assert.ok(result.body.equals(body));
}

socket.send(sessionClose(bodies.length));
assert.equal((await packets.next()).type, types.closeAck);
const end = await closed;
const how = end.wasClean ? "clean" : "not clean";
console.log(`echoed 0, 5 and 300000 bytes; closed with ${end.code}, ${how}`);
