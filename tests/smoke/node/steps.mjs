// The steps of the smoke scenario by their name in `do`; a step that fails throws an Error that says what was expected.
import { setImmediate as nextTurn } from "node:timers/promises";
import { echo, submitPattern } from "./exchange.mjs";
import { check, checkEqual, failureOf } from "./expect.mjs";
import { ownServer } from "./own-server.mjs";

const empty = new Uint8Array(0);

export const vocabulary = {
  identity,
  connect,
  open_session: openSession,
  echo: (run, step) => echo(sessionOf(run, step), step),
  verb_drop: verbDrop,
  verb_hold: verbHold,
  verb_partial: verbPartial,
  verb_flow: verbFlow,
  close_session: closeSession,
  stale_handle: staleHandle,
  close_connection: closeConnection,
  refused_session: refusedSession,
  refused_connection: refusedConnection,
  invalid_uri: invalidUri,
  own_server: (run, step) => ownServer(run.nnrp, step),
};

async function identity({ nnrp }, step) {
  const { abiVersion, abiHash, abiHashAt, buildInfo } = nnrp.nativeLibrary();
  const isHash = (text) => /^[0-9a-f]{64}$/.test(text);
  const minor = (abiVersion >>> 8) & 0xff;
  checkEqual("ABI major", abiVersion >>> 16, step.abi_major);
  check(minor >= step.abi_minor_at_least, `ABI minor ${minor}, at least ${step.abi_minor_at_least} wanted`);
  check(isHash(abiHash), `ABI hash is not 64 hex digits: ${abiHash}`);
  check(isHash(abiHashAt(0)), `ABI hash at minor 0 is not 64 hex digits: ${abiHashAt(0)}`);
  checkEqual("ABI hash of a later minor", abiHashAt(minor + 1), null);
  for (const key of step.build_info_keys) check(buildInfo.includes(`"${key}":`), `build info lacks ${key}`);
  check(buildInfo.includes(abiHash), "build info lacks the ABI hash");
}

async function connect(run, step) {
  run.connections.set(step.connection, await run.nnrp.connect(endpointOf(run, step)));
}

async function openSession(run, step) {
  const session = await connectionOf(run, step).openSession({ maxInFlight: step.max_in_flight });
  check(session.id !== 0, "session id is 0");
  checkEqual("profile", session.profileId, 2);
  check(session.maxInFlight >= 1, `max in flight is ${session.maxInFlight}`);
  run.sessions.set(step.session, { session, nextFrame: 1 });
}

async function verbDrop(run, step) {
  const operation = submitVerb(run, step, empty);
  const error = await failureOf(operation);
  check(error instanceof run.nnrp.NnrpDropError, `a drop wanted, got ${error}`);
  checkEqual("dropped frame", error.frameId, await operation.accepted);
}

async function verbHold(run, step) {
  const held = submitVerb(run, step, empty);
  let isHeldOver = false;
  const drop = failureOf(held).then((error) => ((isHeldOver = true), error));
  const plain = submitPattern(sessionOf(run, step), 16);
  checkEqual("plain result", Buffer.compare((await plain.operation).bytes, plain.body), 0);
  check(!isHeldOver, "the held frame ended before the plain one and before the cancel");
  held.cancel();
  const error = await drop;
  check(error instanceof run.nnrp.NnrpDropError, `a drop wanted, got ${error}`);
}

async function verbPartial(run, step) {
  const { operation, body } = submitPattern(sessionOf(run, step), step.size, {
    latencyBudgetMs: run.scenario.verbs[step.verb],
  });
  const results = [];
  for await (const result of operation.results()) results.push(result);
  checkEqual("number of results", results.length, 2);
  checkEqual("classes", results.map(({ resultClass }) => resultClass).join(), "partial,complete");
  checkEqual("flags", results.map(({ resultFlags }) => resultFlags).join(), `${step.partial_flags},0`);
  for (const { bytes } of results) checkEqual("body", Buffer.compare(bytes, body), 0);
}

async function verbFlow(run, step) {
  const place = sessionOf(run, step);
  const updates = place.session.flowUpdates();
  const { operation, frame } = submitPattern(place, step.size, {
    latencyBudgetMs: run.scenario.verbs[step.verb],
  });
  await operation;
  for (const { scope, credit } of step.updates) {
    // What the server sent before the result has arrived with it.
    const next = await Promise.race([updates.next(), nextTurn()]);
    check(next !== undefined, "the result came before the flow updates");
    const update = next.value;
    checkEqual("scope", update.scope, ["connection", "session", "operation"][scope]);
    checkEqual("credit", update.credit, credit);
    checkEqual("reason", update.reason, "grant");
    checkEqual("back pressure", update.backpressure, "none");
    checkEqual("epoch", update.epoch, 1);
    checkEqual("retry after", update.retryAfterMs, undefined);
    check(!update.backgroundOnly && !update.drainOnly, "a flag besides the credit is set");
    checkEqual("frame", update.frameId, scope === 2 ? frame : 0);
  }
}

async function closeSession(run, step) {
  const { session } = sessionOf(run, step);
  await session.close();
  checkEqual("end of the session", statusOfEnd(run, await session.closed), step.expect_status);
}

async function staleHandle(run, step) {
  const { session } = sessionOf(run, step);
  checkEqual("submit", (await failureOf(session.submit(empty)))?.status, step.expect_status);
  const cancelled = await failureOf(Promise.resolve().then(() => session.cancel(1)));
  checkEqual("cancel", cancelled?.status, step.expect_status);
  await session.close();
}

async function closeConnection(run, step) {
  const connection = connectionOf(run, step);
  await connection.close();
  checkEqual("end of the connection", statusOfEnd(run, await connection.closed), run.nnrp.NnrpStatus.CLOSED);
  await connection.close();
}

async function refusedSession(run, step) {
  const connection = await run.nnrp.connect(endpointOf(run, step));
  try {
    const error = await failureOf(connection.openSession({ profileId: step.profile_id }));
    check(error instanceof run.nnrp.NnrpProtocolError, `a refusal wanted, got ${error}`);
    checkEqual("status", error.status, step.expect_status);
    checkEqual("protocol code", error.protocolCode, step.expect_protocol_code);
  } finally {
    await connection.close();
  }
}

async function refusedConnection(run, step) {
  const error = await failureOf(run.nnrp.connect(endpointOf(run, step)));
  check(error instanceof run.nnrp.NnrpNetworkError, `a network error wanted, got ${error}`);
  checkEqual("status", error.status, step.expect_status);
}

async function invalidUri(run, step) {
  const error = await failureOf(run.nnrp.connect(step.endpoint));
  check(error instanceof run.nnrp.NnrpUsageError, `a usage error wanted, got ${error}`);
  checkEqual("status", error.status, step.expect_status);
  const scheme = step.endpoint.slice(0, step.endpoint.indexOf(":"));
  const isHelpful = error.message.includes(scheme) || error.message.includes("host:port");
  check(isHelpful, `the message names neither the scheme nor host:port: ${error.message}`);
}

function submitVerb(run, step, body) {
  const place = sessionOf(run, step);
  place.nextFrame += 1;
  return place.session.submit(body, { latencyBudgetMs: run.scenario.verbs[step.verb] });
}

/** The status of a *_CLOSED event: the package gives no error for an end in order. */
function statusOfEnd(run, error) {
  return error === undefined ? run.nnrp.NnrpStatus.CLOSED : error.status;
}

function endpointOf(run, { endpoint }) {
  return endpoint === "$ENDPOINT" ? run.endpoint : endpoint;
}

function connectionOf(run, { connection }) {
  return run.connections.get(connection) ?? missing("connection", connection);
}

function sessionOf(run, { session }) {
  return run.sessions.get(session) ?? missing("session", session);
}

function missing(what, label) {
  throw new Error(`there is no ${what} "${label}": the step that makes it failed`);
}
