// Peers that refuse, vanish or are not there: each ends in a typed error that says what to do.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { connect } from "../src/connection.ts";
import { NnrpError, NnrpNetworkError, NnrpProtocolError, NnrpUsageError } from "../src/errors.ts";
import { listen } from "../src/listener.ts";
import { NnrpSessionError } from "../src/native/constants.g.ts";
import { verbs } from "./echo-server.ts";
import { hostAddon, hostProgram } from "./host-addon.ts";

let echoProgram = "";
beforeAll(() => {
  hostAddon();
  echoProgram = hostProgram("nnrp-conformance", "nnrp-echo");
});

const children: ChildProcess[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const server of servers.splice(0)) server.close();
});

/** A real peer in a process of its own. */
async function echoPeer(): Promise<{ child: ChildProcess; uri: string }> {
  const child = spawn(echoProgram, ["serve", "--listen", "nnrp+tcp://127.0.0.1:0"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return { child, uri: line.replace(/^listening /, "") };
}

async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

test("a closed port is NnrpNetworkError with the operating system's number", async () => {
  const error = await failureOf(connect("nnrp+tcp://127.0.0.1:1"));
  expect(error).toBeInstanceOf(NnrpNetworkError);
  expect(error).toMatchObject({ code: "NNRP_STATUS_CONNECT_FAILED", name: "NnrpNetworkError" });
  expect((error as NnrpError).detail).toBeGreaterThan(0);
  expect((error as NnrpError).message.length).toBeGreaterThan(20);
});

test.each([
  "nnrp+tcp://127.0.0.1",
  "http://127.0.0.1:80",
  "",
  "nnrp+tcp://:1:2:3",
  `nnrp+tcp://${"a".repeat(5000)}`,
])("the URI %j is refused by the call itself", async (uri) => {
  const error = await failureOf(connect(uri));
  expect(error).toBeInstanceOf(NnrpUsageError);
  expect(error).toMatchObject({ code: "NNRP_STATUS_INVALID_URI" });
  expect(await failureOf(listen(uri))).toBeInstanceOf(NnrpUsageError);
});

test("an unknown option is refused with the names there are; a value out of range with its key", async () => {
  const unknown = await failureOf(connect("nnrp+tcp://127.0.0.1:1", { connectTimeout: 5 } as object));
  expect((unknown as NnrpError).message).toContain("connectTimeoutMs");
  const outOfRange = await failureOf(connect("nnrp+tcp://127.0.0.1:1", { connectTimeoutMs: 0 }));
  expect(outOfRange).toMatchObject({ code: "NNRP_STATUS_INVALID_OPTION", detail: 1 });
});

test("a port that is taken is NnrpNetworkError", async () => {
  const listener = await listen("nnrp+tcp://127.0.0.1:0");
  expect(await failureOf(listen(listener.uri))).toMatchObject({ code: "NNRP_STATUS_LISTEN_FAILED" });
  await listener.close();
});

test("a refused session is NnrpProtocolError with the code of the wire", async () => {
  const { uri } = await echoPeer();
  const connection = await connect(uri);
  const error = await failureOf(connection.openSession({ profileId: 0xffff }));
  expect(error).toBeInstanceOf(NnrpProtocolError);
  expect(error).toMatchObject({
    code: "NNRP_STATUS_SESSION_REJECTED",
    protocolCode: NnrpSessionError.PROFILE_UNSUPPORTED,
  });
  await connection.close();
});

test("a peer killed in mid-stream ends what is under way with NnrpNetworkError", async () => {
  const { child, uri } = await echoPeer();
  const connection = await connect(uri);
  const session = await connection.openSession({ maxInFlight: 8 });
  await session.submit(Buffer.from("alive"));
  const held = session.submit(Buffer.from("held"), { latencyBudgetMs: verbs.hold });
  const iterated = session.submit(Buffer.from("iterated"), { latencyBudgetMs: verbs.hold }).results().next();
  await held.accepted;
  child.kill("SIGKILL");
  for (const error of [
    await failureOf(held),
    await failureOf(iterated),
    await session.closed,
    await connection.closed,
  ]) {
    expect(error).toBeInstanceOf(NnrpNetworkError);
    expect(error).toMatchObject({ code: "NNRP_STATUS_TRANSPORT_LOST" });
  }
  // Whoever comes later learns the reason, not that a handle is stale.
  for (const late of [session.submit(Buffer.from("late")), connection.openSession()]) {
    expect(await failureOf(late)).toMatchObject({ code: "NNRP_STATUS_TRANSPORT_LOST" });
  }
  await connection.close();
});

test("a client killed in mid-stream ends its session at the server and no other", async () => {
  const listener = await listen("nnrp+tcp://127.0.0.1:0");
  const sessions = listener.sessions();
  const [, port] = /:(\d+)$/.exec(listener.uri) ?? [];
  const proxy = createServer((near) => {
    const far = socketTo(Number(port));
    near.pipe(far).pipe(near);
    near.on("error", () => undefined);
    setTimeout(() => (near.resetAndDestroy(), far.resetAndDestroy()), 200);
  });
  servers.push(proxy);
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const { port: proxyPort } = proxy.address() as { port: number };
  const doomed = await connect(`nnrp+tcp://127.0.0.1:${proxyPort}`);
  await doomed.openSession();
  const doomedAtServer = (await sessions.next()).value;
  const lasting = await connect(listener.uri);
  const session = await lasting.openSession();
  const atServer = (await sessions.next()).value;
  expect(await doomedAtServer?.closed).toBeInstanceOf(NnrpNetworkError);
  const operation = session.submit(Buffer.from("still here"));
  const request = await atServer?.requests().next();
  await request?.value?.respond(Buffer.from("yes"));
  expect(Buffer.from((await operation).bytes).toString()).toBe("yes");
  await lasting.close();
  await doomed.close();
  await listener.close();
});

function socketTo(port: number): Socket {
  const socket = connectSocket(port);
  socket.on("error", () => undefined);
  return socket;
}

/** NNRP_OPTION_EXCHANGE: the session is asked for at once, so that connecting waits for the transport alone. */
const withoutHello = 2;

test("a peer that speaks something else ends the connection with NnrpProtocolError", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const greeting = await failureOf(connect(`nnrp+tcp://127.0.0.1:${port}`));
  expect(greeting).toBeInstanceOf(NnrpProtocolError);
  expect(greeting).toMatchObject({ code: "NNRP_STATUS_PROTOCOL_ERROR" });
  const connection = await connect(`nnrp+tcp://127.0.0.1:${port}`, { exchange: withoutHello });
  const opening = await failureOf(connection.openSession());
  expect(opening).toBeInstanceOf(NnrpProtocolError);
  await connection.close();
});

test("a session asked for while the end of its connection is on the way fails with the reason of that end", async () => {
  let onWritten = (): void => undefined;
  const written = new Promise<void>((resolve) => (onWritten = resolve));
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    onWritten();
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const connection = await connect(`nnrp+tcp://127.0.0.1:${port}`, { exchange: withoutHello });
  await written;
  // The event loop stands still while the library reads those bytes, so the last event cannot have arrived.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  expect(await failureOf(connection.openSession())).toBeInstanceOf(NnrpProtocolError);
  await connection.close();
});

test("an abort ends connecting and opening a session", async () => {
  const server = createServer((socket) => void socket.on("error", () => undefined));
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const uri = `nnrp+tcp://127.0.0.1:${port}`;
  const aborted = AbortSignal.abort(new Error("never mind"));
  await expect(connect(uri, { signal: aborted })).rejects.toThrow("never mind");
  await expect(connect(uri, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    name: "TimeoutError",
  });
  const connection = await connect(uri, { exchange: withoutHello });
  await expect(connection.openSession({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    name: "TimeoutError",
  });
  await connection.close();
});

test("a silent peer is NNRP_STATUS_PEER_TIMEOUT after the configured time", async () => {
  const server = createServer((socket) => void socket.on("error", () => undefined));
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const uri = `nnrp+tcp://127.0.0.1:${port}`;
  const greeting = await failureOf(connect(uri, { connectTimeoutMs: 200 }));
  expect(greeting).toMatchObject({ code: "NNRP_STATUS_CONNECT_FAILED" });
  const connection = await connect(uri, { connectTimeoutMs: 200, exchange: withoutHello });
  const error = await failureOf(connection.openSession({ connectTimeoutMs: 200 }));
  expect(error).toMatchObject({ code: "NNRP_STATUS_PEER_TIMEOUT" });
  await connection.close();
});
