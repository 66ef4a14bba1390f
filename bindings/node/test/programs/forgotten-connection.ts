// Forgets an open connection, collects garbage and reports the warning; run with --expose-gc.
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../src/connection.ts";
import { listen } from "../../src/listener.ts";

const listener = await listen("nnrp+mem://forgotten");
process.on("warning", ({ name, message }) => {
  console.log(JSON.stringify({ name, message }));
  void listener.close();
});

async function forgetOne(): Promise<void> {
  await connect(listener.uri);
}

async function useOne(): Promise<void> {
  const connection = await connect(listener.uri);
  await connection.close();
}

await useOne();
await forgetOne();
for (let round = 0; round < 20; round += 1) {
  (globalThis as { gc?: () => void }).gc?.();
  await delay(20);
}
