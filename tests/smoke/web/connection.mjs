// A client of the package over a TCP socket, with its events in a list that steps wait on.
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { Duplex } from "node:stream";

export async function connect(nnrp, endpoint) {
  const { hostname, port } = new URL(endpoint.replace(/^nnrp\+tcp:/, "http:"));
  const socket = connectSocket(Number(port), hostname);
  await once(socket, "connect");
  const client = new nnrp.NnrpClient();
  const connection = { client, events: [], isOver: false, waiting: [] };
  const changed = (change) => {
    change();
    for (const wake of connection.waiting.splice(0)) wake();
  };
  const options = { onEvent: (event) => changed(() => connection.events.push(event)) };
  connection.closed = nnrp.driveStreams(client, Duplex.toWeb(socket), options).finally(() => {
    changed(() => {
      connection.isOver = true;
    });
    socket.destroy();
  });
  connection.closed.catch(() => {});
  return connection;
}

/** The first event that is wanted, taken out of the list; fails when none can come any more. */
export async function next(connection, what, wanted) {
  for (;;) {
    const index = connection.events.findIndex(wanted);
    if (index >= 0) return connection.events.splice(index, 1)[0];
    if (connection.isOver) throw new Error(`the connection ended before ${what}`);
    await change(connection);
  }
}

/** Anything that happens: one event that there is room serves all who wait for it. */
export function change(connection) {
  return new Promise((resolve) => connection.waiting.push(resolve));
}

export function close({ client, isOver }) {
  if (!isOver) client.close();
}
