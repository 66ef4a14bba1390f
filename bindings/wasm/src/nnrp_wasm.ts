// NNRP for JavaScript: this import loads the module beside it, and everything works at once.
import { init, initSync } from "./lib/module.ts";

await init();

/** Resolves when the module is loaded, which it is after this import. */
export default init;
export { init, initSync };
export * from "./api.ts";
export {
  nnrp_wasm_protocol_major,
  nnrp_wasm_wire_format,
  scoreProviderProbeJson,
  selectTransportWithProbeJson,
  type ProbeSampleInput,
  type ProbeScore,
  type ProviderKind,
  type TransportPolicy,
  type TransportProviderInput,
  type TransportSelection,
} from "./lib/selection.ts";
