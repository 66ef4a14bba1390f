// The step in which client and server both live in this process.
import { echo } from "./exchange.mjs";
import { check, checkEqual } from "./expect.mjs";

export async function ownServer(nnrp, step) {
  const listener = await nnrp.listen(step.endpoint);
  const served = serve(listener);
  const connection = await nnrp.connect(listener.uri);
  const session = await connection.openSession({ maxInFlight: step.in_flight });
  await echo({ session, nextFrame: 1 }, step);
  await session.close();
  await connection.close();
  await listener.close();
  const sessions = await served;
  checkEqual("sessions at the server", sessions.length, 1);
  checkEqual("requests at the server", sessions[0].requests, step.count);
  for (const end of [await session.closed, await connection.closed, await listener.closed, sessions[0].end])
    check(end === undefined, `an end out of order: ${end}`);
}

/** Answers every request with its own body, until the listener has ended. */
async function serve(listener) {
  const sessions = [];
  for await (const session of listener.sessions()) sessions.push(answer(session));
  return Promise.all(sessions);
}

async function answer(session) {
  let requests = 0;
  for await (const request of session.requests()) {
    requests += 1;
    await request.respond(request.bytes);
  }
  return { requests, end: await session.closed };
}
