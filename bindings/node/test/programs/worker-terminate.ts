// Loads the addon in workers first and ends each while its sessions have work in flight; prints how many rounds it survived.
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { once } from "node:events";
import { connect } from "../../src/connection.ts";
import { listen } from "../../src/listener.ts";

const rounds = 20;
// A worker does not take over the loader of TypeScript.
const loader = `import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))}).then(({ register }) => {
  register();
  return import(${JSON.stringify(import.meta.url)});
})`;

if (isMainThread) {
  // The main thread does not load the addon before the first worker did: that worker's end would unmap it.
  for (let round = 0; round < rounds; round += 1) {
    const worker = new Worker(loader, { eval: true });
    await once(worker, "message");
    if (round % 2 === 0) await worker.terminate();
    else {
      worker.postMessage("exit");
      await once(worker, "exit");
    }
  }
  console.log(`survived ${rounds}`);
} else {
  const listener = await listen("nnrp+tcp://127.0.0.1:0");
  void echoAll(listener);
  const connection = await connect(listener.uri);
  const session = await connection.openSession({ maxInFlight: 16 });
  parentPort?.on("message", () => process.exit());
  const stream = async (): Promise<void> => {
    for (;;) await session.submit(new Uint8Array(1000));
  };
  for (let lane = 0; lane < 8; lane += 1) void stream();
  await session.submit(Buffer.from("running"));
  parentPort?.postMessage("running");
}

async function echoAll(listener: Awaited<ReturnType<typeof listen>>): Promise<void> {
  for await (const session of listener.sessions())
    void (async () => {
      for await (const request of session.requests()) await request.respond(request.bytes);
    })();
}
