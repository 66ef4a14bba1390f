// The same package for hosts that load the module themselves: nothing is loaded before `init` or `initSync` is called.
import { init, initSync, type WasmBytes } from "./lib/module.ts";

/** Loads the module: without an argument from the file beside this package's, else from a URL or from bytes. */
export default init;
export { init, initSync, type WasmBytes };
export * from "./api.ts";
