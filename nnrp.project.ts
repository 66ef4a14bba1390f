// This project's facts for the tools: names, folders, headers, packages.
import type { Project } from "./tools/shared/project.ts";

export const project: Project = {
  root: import.meta.dirname,
  name: "nnrp",
  version: "0.1.0",
  license: "Apache-2.0",
  licenseFile: "LICENSE",
  description: "NNRP: application protocol for long-lived, real-time AI model runtime traffic",
  homepage: "https://github.com/nnrp/nnrp",
  crate: { package: "nnrp-ffi", library: "nnrp", manifest: "crates/nnrp-ffi/Cargo.toml" },
  xcframework: "NNRP",
  headers: {
    includeDirectory: "include",
    files: [
      "nnrp/nnrp.h",
      "nnrp/nnrp_version.h",
      "nnrp/nnrp_error.h",
      "nnrp/nnrp_ffi.h",
      "nnrp/nnrp_runtime.h",
    ],
    functionPrefix: "nnrp_",
    staticDefine: "NNRP_STATIC",
    overlay: "include/nnrp/nnrp.bind.json",
  },
  generated: {
    abiModel: "bindings/abi.json",
    rustAbiTest: "crates/nnrp-ffi/tests/abi.rs",
    cLayout: "crates/nnrp-ffi/tests/c/layout.g.c",
    exportsDirectory: "crates/nnrp-ffi/exports",
    nodeAddon: "bindings/node/native/addon.g.c",
    nodeModuleDirectory: "bindings/node/src/native",
  },
  node: { directory: "bindings/node", package: "@nnrp/native" },
  smoke: {
    scenario: "tests/smoke/scenario.json",
    cSources: [
      "tests/smoke/c/exchange.c",
      "tests/smoke/c/json.c",
      "tests/smoke/c/platform.c",
      "tests/smoke/c/runner.c",
      "tests/smoke/c/smoke.c",
      "tests/smoke/c/steps_refusal.c",
      "tests/smoke/c/steps_server.c",
      "tests/smoke/c/steps_session.c",
      "tests/smoke/c/steps_verb.c",
    ],
    nodeProgram: "tests/smoke/node/smoke.mjs",
    peer: { package: "nnrp-conformance", binary: "nnrp-echo", uri: "nnrp+tcp://127.0.0.1:0" },
  },
};
