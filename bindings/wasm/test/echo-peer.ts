// Starts nnrp-echo for a test, and connects clients with it over TCP.
import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { startPeer, type Peer } from "../../../tools/smoke/peer.ts";
import { hostProgram } from "../../node/test/host-addon.ts";
import { driveStreams, type ByteStreams, type ClientEvent, type NnrpClient } from "../src/api.ts";

export function startEcho(uri: string): Promise<Peer> {
  return startPeer(hostProgram("nnrp-conformance", "nnrp-echo"), uri);
}

/** A client with a socket, and its events in a list that tests wait on. */
export interface Link {
  readonly client: NnrpClient;
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** The first event of a type, taken out of the list. */
  next<Type extends ClientEvent["type"]>(type: Type): Promise<Extract<ClientEvent, { type: Type }>>;
}

export async function connect(endpoint: string, client: NnrpClient): Promise<Link> {
  const { hostname, port } = new URL(endpoint.replace(/^nnrp\+\w+:/, "http:"));
  const socket = connectSocket(Number(port), hostname);
  await once(socket, "connect");
  socket.on("error", () => undefined);
  const events: ClientEvent[] = [];
  let waiting: (() => void)[] = [];
  const onEvent = (event: ClientEvent): void => {
    events.push(event);
    const wakes = waiting;
    waiting = [];
    for (const wake of wakes) wake();
  };
  const streams = Duplex.toWeb(socket) as unknown as ByteStreams;
  const closed = driveStreams(client, streams, { onEvent });
  closed.catch(() => undefined);
  const next: Link["next"] = async (type) => {
    for (;;) {
      const index = events.findIndex((event) => event.type === type);
      if (index >= 0) return events.splice(index, 1)[0] as never;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { client, socket, closed, next };
}
