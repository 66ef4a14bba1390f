// An echo server in this process, in the words of the echo contract: verbs in latencyBudgetMs hold, drop, repeat and steer.
import type { Listener } from "../src/listener.ts";
import { listen } from "../src/listener.ts";
import type { Request } from "../src/request.ts";
import type { ServerSession } from "../src/server-session.ts";

export const verbs = { hold: 0xec01, drop: 0xec02, flow: 0xec03, partial: 0xec04 } as const;

export interface EchoServer {
  readonly listener: Listener;
  readonly sessions: ServerSession[];
  readonly requests: Request[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function echoServer(
  uri: string,
  options: Parameters<typeof listen>[1] = {},
): Promise<EchoServer> {
  const listener = await listen(uri, options);
  const server = {
    listener,
    sessions: [] as ServerSession[],
    requests: [] as Request[],
    [Symbol.asyncDispose]: () => listener.close(),
  };
  void acceptAll(server);
  return server;
}

async function acceptAll(server: EchoServer): Promise<void> {
  for await (const session of server.listener.sessions()) {
    server.sessions.push(session);
    void answerAll(server, session);
  }
}

async function answerAll(server: EchoServer, session: ServerSession): Promise<void> {
  for await (const request of session.requests()) {
    server.requests.push(request);
    // A client that has gone meanwhile is its own business.
    void answer(session, request).catch(() => undefined);
  }
}

async function answer(session: ServerSession, request: Request): Promise<void> {
  switch (request.latencyBudgetMs) {
    case verbs.hold:
      request.signal.addEventListener("abort", () => void request.drop().catch(() => undefined));
      return;
    case verbs.drop:
      return request.drop();
    case verbs.flow:
      await session.sendFlowUpdate({ scope: "connection", epoch: 1, credit: 5 });
      await session.sendFlowUpdate({ scope: "session", epoch: 1, credit: 7 });
      await session.sendFlowUpdate({ scope: "operation", epoch: 1, credit: 3, frameId: request.frameId });
      return request.respond(request.bytes);
    case verbs.partial:
      await request.respond(request.bytes, { resultClass: "partial", resultFlags: 4 });
      return request.respond(request.bytes);
    default:
      return request.respond(request.bytes);
  }
}
