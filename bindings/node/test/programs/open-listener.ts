// Leaves a listener open and does nothing else: it must keep the process alive until it is closed.
import { listen } from "../../src/listener.ts";

const listener = await listen("nnrp+tcp://127.0.0.1:0");
// An unreferenced timer does not keep the process alive by itself.
setTimeout(() => {
  console.log("still alive");
  void listener.close();
}, 300).unref();
