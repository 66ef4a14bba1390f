// Submits and their answers between a client and a server of this package, in process and over TCP.
import { once } from "node:events";
import { beforeAll, describe, expect, test } from "vitest";
import { connect } from "../src/connection.ts";
import { NnrpDropError, NnrpUsageError } from "../src/errors.ts";
import { listen } from "../src/listener.ts";
import { echoServer, verbs, type EchoServer } from "./echo-server.ts";
import { hostAddon } from "./host-addon.ts";
import type { Connection } from "../src/connection.ts";
import type { Session, SessionOptions } from "../src/session.ts";

beforeAll(() => void hostAddon());

interface Pair {
  readonly server: EchoServer;
  readonly connection: Connection;
  readonly session: Session;
}

/** Runs `use` between a server and a client that are closed afterwards. */
async function withPair(
  uri: string,
  use: (pair: Pair) => Promise<void>,
  options: SessionOptions = {},
): Promise<void> {
  const server = await echoServer(uri);
  const connection = await connect(server.listener.uri);
  try {
    const session = await connection.openSession(options);
    await use({ server, connection, session });
  } finally {
    await connection.close();
    await server[Symbol.asyncDispose]();
  }
}

describe.each(["nnrp+mem://exchange", "nnrp+tcp://127.0.0.1:0"])("over %s", (uri) => {
  test("a body comes back as it was sent, from nothing to more than the arena", async () => {
    await withPair(uri, async ({ session }) => {
      for (const size of [0, 1, 63, 64, 4096, 16_384, 16_385, 65_536, 262_144, 300_000, 2_000_000]) {
        const body = Uint8Array.from({ length: size }, (_byte, index) => index * 7 + (index >> 8));
        const result = await session.submit(body);
        expect(result.bytes.byteLength).toBe(size);
        expect(Buffer.compare(result.bytes, body)).toBe(0);
        expect(result).toMatchObject({
          statusCode: 200,
          resultClass: "complete",
          isPartial: false,
          profileId: 2,
        });
      }
    });
  });

  test("frame ids count from one and results belong to their frames", async () => {
    await withPair(uri, async ({ session }) => {
      const operations = Array.from({ length: 500 }, (_item, index) =>
        session.submit(Buffer.from(`body ${index}`)),
      );
      const results = await Promise.all(operations);
      const frames = await Promise.all(operations.map(({ accepted }) => accepted));
      expect(frames).toEqual(Array.from({ length: 500 }, (_item, index) => index + 1));
      expect(results.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(
        Array.from({ length: 500 }, (_item, index) => `body ${index}`),
      );
    });
  });

  test("partial results are iterated in order before the complete one", async () => {
    await withPair(uri, async ({ session }) => {
      const operation = session.submit(Buffer.from("part"), { latencyBudgetMs: verbs.partial });
      const seen: string[] = [];
      for await (const { resultClass, resultFlags } of operation.results())
        seen.push(`${resultClass} ${resultFlags}`);
      expect(seen).toEqual(["partial 4", "complete 0"]);
    });
  });

  test("an awaited operation gives the complete result, whatever came before it", async () => {
    await withPair(uri, async ({ session }) => {
      expect((await session.submit(Buffer.from("x"), { latencyBudgetMs: verbs.partial })).resultClass).toBe(
        "complete",
      );
    });
  });

  test("a dropped submit rejects with NnrpDropError that names the frame", async () => {
    await withPair(uri, async ({ session }) => {
      const operation = session.submit(Buffer.from("x"), { latencyBudgetMs: verbs.drop });
      const error: unknown = await operation.then(undefined, (reason: unknown) => reason);
      expect(error).toBeInstanceOf(NnrpDropError);
      expect(error).toMatchObject({ code: "NNRP_EVENT_RESULT_DROP", frameId: await operation.accepted });
    });
  });

  test("an abort cancels on the server and rejects with the signal's reason", async () => {
    await withPair(uri, async ({ session, server }) => {
      const controller = new AbortController();
      const held = session.submit(Buffer.from("x"), {
        latencyBudgetMs: verbs.hold,
        signal: controller.signal,
      });
      await session.submit(Buffer.from("the held one is at the server"));
      const reason = new Error("no longer wanted");
      controller.abort(reason);
      await expect(held).rejects.toBe(reason);
      await session.submit(Buffer.from("after the cancel"));
      expect(server.requests[0]?.signal.aborted).toBe(true);
    });
  });

  test("leaving the iteration early cancels the operation on the server", async () => {
    const listener = await listen(uri);
    const connection = await connect(listener.uri);
    const served = listener.sessions().next();
    const session = await connection.openSession();
    const incoming = (await served).value?.requests().next();
    const operation = session.submit(Buffer.from("x"));
    const request = (await incoming)?.value;
    await request?.respond(Buffer.from("a part"), { resultClass: "partial" });
    for await (const result of operation.results()) {
      expect(result.isPartial).toBe(true);
      break;
    }
    await expect(operation).rejects.toBeInstanceOf(NnrpUsageError);
    if (request?.signal.aborted === false) await once(request.signal, "abort");
    await connection.close();
    await listener.close();
  });

  test("flow updates of all three scopes reach the session in order", async () => {
    await withPair(uri, async ({ session }) => {
      const updates = session.flowUpdates();
      const operation = session.submit(Buffer.from("x"), { latencyBudgetMs: verbs.flow });
      const frameId = await operation.accepted;
      await operation;
      for (const expected of [
        { scope: "connection", credit: 5, frameId: 0 },
        { scope: "session", credit: 7, frameId: 0 },
        { scope: "operation", credit: 3, frameId },
      ]) {
        const { value } = await updates.next();
        expect(value).toMatchObject({ ...expected, reason: "grant", backpressure: "none", epoch: 1 });
      }
    });
  });

  test("a session that is closed in order ends without an error on both sides", async () => {
    await withPair(uri, async ({ session, server }) => {
      await session.submit(Buffer.from("x"));
      await session.close();
      await session.close();
      expect(await session.closed).toBeUndefined();
      expect(await server.sessions[0]?.closed).toBeUndefined();
    });
  });

  test("a closed session answers with the library's status, not with silence", async () => {
    await withPair(uri, async ({ session }) => {
      await session.close();
      const error: unknown = await session
        .submit(Buffer.from("x"))
        .then(undefined, (reason: unknown) => reason);
      expect(error).toBeInstanceOf(NnrpUsageError);
      expect(error).toMatchObject({ code: "NNRP_STATUS_INVALID_HANDLE" });
      expect(() => session.cancel(1)).toThrow(NnrpUsageError);
    });
  });

  test("several clients of one listener do not see each other's frames", async () => {
    const server = await echoServer(uri);
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect(server.listener.uri)));
    try {
      await Promise.all(
        clients.map(async (connection, number) => {
          const session = await connection.openSession();
          for (let round = 0; round < 20; round += 1) {
            const { bytes } = await session.submit(Buffer.from(`client ${number} round ${round}`));
            expect(Buffer.from(bytes).toString()).toBe(`client ${number} round ${round}`);
          }
        }),
      );
    } finally {
      await Promise.all(clients.map((connection) => connection.close()));
      await server[Symbol.asyncDispose]();
    }
  });
});

test("await using closes in order", async () => {
  const server = await echoServer("nnrp+mem://dispose");
  let ended: Connection["closed"];
  {
    await using connection = await connect(server.listener.uri);
    await using session = await connection.openSession();
    await session.submit(Buffer.from("x"));
    ended = connection.closed;
  }
  expect(await ended).toBeUndefined();
  await server[Symbol.asyncDispose]();
});
