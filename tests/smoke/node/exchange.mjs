// Submits in the body pattern of the scenario and the check of what comes back.
import { checkEqual } from "./expect.mjs";

/** Byte i of the body of frame f. */
export function pattern(frame, size) {
  const body = new Uint8Array(size);
  for (let i = 0; i < size; i += 1) body[i] = frame * 31 + i * 7 + (i >> 8);
  return body;
}

/** Submits a body in the pattern of the frame it will become. `place` is { session, nextFrame }. */
export function submitPattern(place, size, options = {}) {
  const frame = place.nextFrame;
  place.nextFrame += 1;
  const body = pattern(frame, size);
  return { frame, body, operation: place.session.submit(body, options) };
}

/** `count` bodies of `size` bytes, at most `in_flight` unanswered; each must come back exactly once. */
export async function echo(place, { count, size, in_flight: inFlight }) {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await echoOne(place, size);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

async function echoOne(place, size) {
  const { frame, body, operation } = submitPattern(place, size);
  const results = [];
  for await (const result of operation.results()) results.push(result);
  checkEqual("frame", await operation.accepted, frame);
  checkEqual(`results of frame ${frame}`, results.length, 1);
  const [result] = results;
  checkEqual("frame of the result", result.frameId, frame);
  checkEqual("status code", result.statusCode, 200);
  checkEqual("class", result.resultClass, "complete");
  checkEqual("flags", result.resultFlags, 0);
  checkEqual("payload kinds", result.payloadKindBitmap, 2);
  checkEqual("payload frames", result.payloadFrameCount, 1);
  checkEqual(`body of frame ${frame}`, Buffer.compare(result.bytes, body), 0);
}
