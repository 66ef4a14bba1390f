// Connects from a worker to a listener of the main thread and terminates the worker: the listener must see the session end.
import { once } from "node:events";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { connect } from "../../src/connection.ts";
import { listen } from "../../src/listener.ts";

// A worker does not take over the loader of TypeScript.
const loader = `import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))}).then(({ register }) => {
  register();
  return import(${JSON.stringify(import.meta.url)});
})`;

if (isMainThread) {
  const listener = await listen("nnrp+tcp://127.0.0.1:0");
  const worker = new Worker(loader, { eval: true, workerData: listener.uri });
  const { value: session } = await listener.sessions().next();
  await once(worker, "message");
  await worker.terminate();
  const reason = await session?.closed;
  console.log(`session ended: ${reason?.code ?? "in order"}`);
  await listener.close();
} else {
  const connection = await connect(workerData as string);
  await connection.openSession();
  parentPort?.postMessage("connected");
  // Something that keeps the worker and its connection in use.
  setInterval(() => connection.uri, 1000);
}
