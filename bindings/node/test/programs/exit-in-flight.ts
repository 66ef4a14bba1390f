// Ends the process in one of several ways while answers are under way; what it prints and its exit code are the proof.
import { connect } from "../../src/connection.ts";
import { echoServer } from "../echo-server.ts";

const [, , how] = process.argv;
const server = await echoServer("nnrp+tcp://127.0.0.1:0");
const connection = await connect(server.listener.uri);
const session = await connection.openSession({ maxInFlight: 16 });
const stream = async (): Promise<void> => {
  for (;;) await session.submit(new Uint8Array(4000));
};

if (how === "closed") {
  await session.submit(Buffer.from("x"));
  await connection.close();
  await server.listener.close();
  console.log("closed");
} else {
  for (let lane = 0; lane < 8; lane += 1) void stream().catch(() => undefined);
  setTimeout(() => {
    console.log(how);
    if (how === "exit") process.exit(7);
    if (how === "throw") throw new Error("on purpose");
    if (how === "kill") process.kill(process.pid, "SIGTERM");
  }, 100);
}
