// What happens when one side is faster than the other: waiting in order, bounded memory, and errors that say so.
import { afterEach, beforeAll, expect, test } from "vitest";
import { connect, type Connection } from "../src/connection.ts";
import { NnrpUsageError } from "../src/errors.ts";
import { listen, type Listener } from "../src/listener.ts";
import type { Request } from "../src/request.ts";
import type { ServerSession } from "../src/server-session.ts";
import { hostAddon } from "./host-addon.ts";

beforeAll(() => void hostAddon());

const opened: (Connection | Listener)[] = [];
afterEach(async () => {
  for (const closable of opened.splice(0).reverse()) await closable.close();
});

/** A server whose requests are answered by the test. */
async function manualServer(
  name: string,
): Promise<{ connection: Connection; served: Promise<ServerSession> }> {
  const listener = await listen(`nnrp+mem://${name}`);
  const connection = await connect(listener.uri);
  opened.push(listener, connection);
  const served = listener
    .sessions()
    .next()
    .then(({ value }) => value as ServerSession);
  return { connection, served };
}

test("submits above the limit wait in order; WOULD_BLOCK never surfaces", async () => {
  const { connection, served } = await manualServer("in-flight");
  const session = await connection.openSession({ maxInFlight: 2 });
  const requests = (await served).requests();
  const limit = 2;
  const total = limit + 50;
  const operations = Array.from({ length: total }, (_item, index) =>
    session.submit(Uint8Array.of(index & 0xff)),
  );
  let accepted = 0;
  for (const operation of operations)
    void operation.accepted.then(
      () => (accepted += 1),
      () => undefined,
    );
  const firsts: Request[] = [];
  for (let index = 0; index < limit; index += 1) firsts.push((await requests.next()).value as Request);
  expect(accepted).toBe(limit);
  for (const request of firsts) await request.respond(request.bytes);
  for (let index = limit; index < total; index += 1) {
    const request = (await requests.next()).value as Request;
    expect(request.bytes[0]).toBe(index & 0xff);
    await request.respond(request.bytes);
  }
  const results = await Promise.all(operations);
  expect(results.map(({ bytes }) => bytes[0])).toEqual(
    Array.from({ length: total }, (_item, index) => index & 0xff),
  );
});

test("an abort takes back a submit that still waits, and those behind it keep their order", async () => {
  const { connection, served } = await manualServer("withdraw");
  const session = await connection.openSession({ maxInFlight: 1 });
  const requests = (await served).requests();
  const running = session.submit(Buffer.from("running"));
  const controller = new AbortController();
  const withdrawn = session.submit(Buffer.from("withdrawn"), { signal: controller.signal });
  const behind = session.submit(Buffer.from("behind"));
  controller.abort(new Error("changed my mind"));
  await expect(withdrawn).rejects.toThrow("changed my mind");
  await expect(withdrawn.accepted).rejects.toThrow("changed my mind");
  const seen: string[] = [];
  for (let index = 0; index < 2; index += 1) {
    const request = (await requests.next()).value as Request;
    seen.push(Buffer.from(request.bytes).toString());
    await request.respond(request.bytes);
  }
  await Promise.all([running, behind]);
  expect(seen).toEqual(["running", "behind"]);
});

test("a producer that never waits is told so instead of filling memory", async () => {
  const { connection } = await manualServer("runaway");
  const session = await connection.openSession({ maxInFlight: 1, maxWaiting: 10 });
  const operations = Array.from({ length: 12 }, () => session.submit(Buffer.from("x")));
  const last = operations.at(-1);
  await expect(last).rejects.toMatchObject({ code: "NNRP_STATUS_LIMIT_EXCEEDED" });
  await expect(last).rejects.toBeInstanceOf(NnrpUsageError);
});

test("bodies that exceed the send queue wait for room and all arrive", async () => {
  const { connection, served } = await manualServer("send-queue");
  const session = await connection.openSession({ maxInFlight: 64, sendQueueBytes: 65_536 });
  const requests = (await served).requests();
  const body = new Uint8Array(40_000).fill(5);
  const operations = Array.from({ length: 20 }, () => session.submit(body));
  for (let index = 0; index < 20; index += 1) {
    const request = (await requests.next()).value as Request;
    await request.respond(request.bytes);
  }
  const results = await Promise.all(operations);
  expect(results.every(({ bytes }) => Buffer.compare(bytes, body) === 0)).toBe(true);
});

test("results that nobody reads end their operation at the limit, and only theirs", async () => {
  const { connection, served } = await manualServer("slow-reader");
  const session = await connection.openSession({ maxInFlight: 4, maxBufferedResults: 8 });
  const requests = (await served).requests();
  const flooded = session.submit(Buffer.from("flood")).results();
  const firstResult = flooded.next();
  const other = session.submit(Buffer.from("other"));
  const request = (await requests.next()).value as Request;
  for (let index = 0; index < 20; index += 1) {
    await request.respond(Uint8Array.of(index), { resultClass: "partial" });
  }
  const otherRequest = (await requests.next()).value as Request;
  await otherRequest.respond(otherRequest.bytes);
  await other;
  expect((await firstResult).value).toMatchObject({ isPartial: true });
  const rest: unknown = await (async () => {
    for (;;) if ((await flooded.next()).done === true) return undefined;
  })().catch((error: unknown) => error);
  expect(rest).toMatchObject({ code: "NNRP_STATUS_LIMIT_EXCEEDED" });
});
