// The steps of the scenario that are about the wire, as the client of the package replays them.
import { readFileSync } from "node:fs";
import { change, close, connect, next } from "./connection.mjs";

export const vocabulary = {
  /** Beside the scenario: what the file is. */
  async module({ nnrp, library }) {
    equal("protocol major", nnrp.nnrp_wasm_protocol_major(), 1);
    equal("wire format", nnrp.nnrp_wasm_wire_format(), 0);
    const module = await WebAssembly.compile(readFileSync(library));
    equal("imports", WebAssembly.Module.imports(module).length, 0);
  },

  async connect(run, { endpoint, connection }) {
    const made = await connect(run.nnrp, endpointOf(run, endpoint));
    run.connections.set(connection, made);
    await next(made, "the answer to the hello", ({ type }) => type === "helloAcknowledged");
  },

  async open_session(run, { connection, session, max_in_flight: inFlight }) {
    const link = run.connections.get(connection);
    const ticket = link.client.openSession({ max_in_flight_operations: inFlight });
    const opened = await next(link, "the session", (event) => event.ticket === ticket);
    equal("answer", opened.type, "sessionOpened");
    equal("profile", opened.ack.accepted_profile_id, 2);
    truth("a session id", opened.sessionId !== 0);
    run.sessions.set(session, { link, id: opened.sessionId, nextFrame: 1 });
  },

  async echo(run, { session, count, size, in_flight: inFlight }) {
    const place = run.sessions.get(session);
    let left = count;
    const lane = async () => {
      while (left > 0) {
        left -= 1;
        await echoOne(place, size);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    equal("frames without an answer", place.link.client.inFlight(place.id), 0);
  },

  async verb_drop(run, { session, verb }) {
    const place = run.sessions.get(session);
    const { frame } = await submit(place, 0, run.scenario.verbs[verb]);
    equal("answer", (await answerOf(place, frame)).type, "resultDropped");
  },

  async verb_hold(run, { session, verb }) {
    const place = run.sessions.get(session);
    const held = await submit(place, 0, run.scenario.verbs[verb]);
    await echoOne(place, 16);
    place.link.client.cancel(place.id, held.frame);
    equal("answer", (await answerOf(place, held.frame)).type, "resultDropped");
  },

  async verb_partial(run, { session, verb, size, partial_flags: flags }) {
    const place = run.sessions.get(session);
    const { frame, body } = await submit(place, size, run.scenario.verbs[verb]);
    const first = await answerOf(place, frame);
    equal("class of the first result", first.metadata.result_class, 1);
    equal("flags of the first result", first.metadata.result_flags, flags);
    checkResult(await answerOf(place, frame), frame, body);
  },

  async verb_flow(run, { session, verb, size, updates }) {
    const place = run.sessions.get(session);
    const { frame, body } = await submit(place, size, run.scenario.verbs[verb]);
    for (const { scope, credit } of updates) {
      const { update } = await next(place.link, "a flow update", ({ type }) => type === "flowUpdated");
      const credits = [update.connection_credit, update.session_credit, update.operation_credit];
      equal("scope", update.scope_kind, scope);
      equal("credit", credits[scope], credit);
    }
    checkResult(await answerOf(place, frame), frame, body);
  },

  async close_session(run, { session }) {
    const { link, id } = run.sessions.get(session);
    link.client.closeSession(id);
    const { cause } = await next(link, "the end of the session", ({ type }) => type === "sessionEnded");
    equal("reason", cause.reason, "closed");
  },

  async close_connection(run, { connection }) {
    const link = run.connections.get(connection);
    close(link);
    await link.closed;
  },

  async refused_session(run, { endpoint, profile_id, expect_protocol_code: code }) {
    const link = await connect(run.nnrp, endpointOf(run, endpoint));
    link.client.openSession({ profile_id, schema_id: 0x1001, schema_version: 3 });
    const refused = await next(link, "the refusal", ({ type }) => type === "openRefused");
    equal("code", refused.ack.session_error_code, code);
    close(link);
    await link.closed;
  },
};

async function echoOne(place, size) {
  const { frame, body } = await submit(place, size, 0);
  checkResult(await answerOf(place, frame), frame, body);
}

/** Submits a body in the pattern of the frame it becomes, as soon as there is room for it. */
async function submit(place, size, verb) {
  const metadata = { latency_budget_ms: verb, payload_kind_bitmap: 2, payload_frame_count: 1 };
  for (;;) {
    const frame = place.nextFrame;
    const body = pattern(frame, size);
    try {
      equal("frame id", place.link.client.submit(place.id, body, { metadata }), frame);
      place.nextFrame += 1;
      return { frame, body };
    } catch (error) {
      if (error.code !== "WouldBlock") throw error;
      await change(place.link);
    }
  }
}

function answerOf({ link, id }, frame) {
  const isAnswer = ({ type }) => type === "result" || type === "resultDropped";
  const wanted = (event) => isAnswer(event) && event.sessionId === id && event.frameId === frame;
  return next(link, `the answer to frame ${frame}`, wanted);
}

function checkResult(result, frame, body) {
  equal(`answer to frame ${frame}`, result.type, "result");
  const { metadata } = result;
  equal("status code", metadata.status_code, 200);
  equal("class", metadata.result_class, 0);
  equal("flags", metadata.result_flags, 0);
  equal("payload kinds", metadata.payload_kind_bitmap, 2);
  equal("payload frames", metadata.payload_frame_count, 1);
  equal(`body of frame ${frame}`, Buffer.compare(result.body, body), 0);
}

/** Byte i of the body of frame f. */
function pattern(frame, size) {
  const body = new Uint8Array(size);
  for (let i = 0; i < size; i += 1) body[i] = frame * 31 + i * 7 + (i >> 8);
  return body;
}

function endpointOf({ endpoint }, named) {
  return named === "$ENDPOINT" ? endpoint : named;
}

function equal(what, actual, wanted) {
  if (actual !== wanted) throw new Error(`${what}: ${String(actual)}, wanted ${String(wanted)}`);
}

function truth(what, holds) {
  if (!holds) throw new Error(`no ${what}`);
}
