// Lets 32 sessions wait for answers in a process with one thread in libuv's pool, and reads a file meanwhile.
import { readFile } from "node:fs/promises";
import { lookup } from "node:dns/promises";
import { connect } from "../../src/connection.ts";
import { echoServer, verbs } from "../echo-server.ts";

const server = await echoServer("nnrp+tcp://127.0.0.1:0");
const connections = await Promise.all(Array.from({ length: 32 }, () => connect(server.listener.uri)));
let answered = 0;
for (const connection of connections) {
  const session = await connection.openSession();
  const held = session.submit(Buffer.from("held"), { latencyBudgetMs: verbs.hold });
  held.then(
    () => (answered += 1),
    () => (answered += 1),
  );
  await held.accepted;
}
// Both go through the pool: with its only thread taken they would never end.
const text = await readFile(import.meta.filename, "utf8");
const { address } = await lookup("localhost");
console.log(JSON.stringify({ bytes: text.length, address: address.length, answered }));
await Promise.all(connections.map((connection) => connection.close()));
await server.listener.close();
