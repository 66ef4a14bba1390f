// The facts of the tally crate: a second project, which goes through the same pipeline by this file alone.
import type { Project } from "../../../tools/shared/project.ts";

export const project: Project = {
  root: import.meta.dirname,
  name: "tally",
  version: "0.3.1",
  license: "Apache-2.0",
  licenseFile: "LICENSE",
  description: "A counter",
  homepage: "https://example.org/tally",
  crate: { package: "tally", library: "tally", manifest: "Cargo.toml" },
  wasm: { package: "tally", library: "tally", manifest: "Cargo.toml" },
  xcframework: "Tally",
  headers: {
    includeDirectory: "include",
    files: ["tally/tally.h"],
    functionPrefix: "tally_",
    staticDefine: "TALLY_STATIC",
    overlay: "",
  },
  generated: {
    abiModel: "abi.json",
    rustAbiTest: "",
    cLayout: "",
    exportsDirectory: "exports",
    nodeAddon: "node/native/addon.c",
    nodeModuleDirectory: "node/dist",
  },
  node: { directory: "node", package: "@tally/native" },
  smoke: {
    scenario: "smoke/pass.json",
    cSources: ["smoke/smoke.c"],
    nodeProgram: "smoke/node/smoke.mjs",
    peer: { package: "tally", binary: "tally-peer", uri: "tally://127.0.0.1:0" },
  },
};
