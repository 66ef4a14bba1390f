// The project that stands in for a header which belongs to none: everything derived from the header's file name.
import { basename, dirname } from "node:path";
import type { GenerationProject } from "./emitter.ts";

/** `header` is an absolute path; all output paths are relative to `--out`. */
export function foreignProject(header: string, others: readonly string[]): GenerationProject {
  const name = basename(header).replace(/\.[^.]*$/, "");
  return {
    name,
    version: "0.0.0",
    crate: { package: name, library: name, manifest: "Cargo.toml" },
    headers: {
      includeDirectory: dirname(header),
      files: [header, ...others].map((file) => basename(file)),
      functionPrefix: "",
      staticDefine: "",
      overlay: "",
    },
    generated: {
      abiModel: "abi.json",
      rustAbiTest: "rust/abi.rs",
      cLayout: "c/layout.g.c",
      exportsDirectory: "exports",
      nodeAddon: "node/addon.g.c",
      nodeModuleDirectory: "node/native",
    },
    node: { directory: "node", package: name },
  };
}
