// The bench programs: each measures ours and its floor in one run and prints JSON rows.
import type { Command } from "../shared/process.ts";

export interface BenchProgram {
  readonly title: string;
  readonly command: Command;
}

const cargoBench = (title: string, crate: string, bench: string): BenchProgram => ({
  title,
  command: { program: "cargo", args: ["bench", "--locked", "--quiet", "-p", crate, "--bench", bench] },
});

export const benchPrograms: readonly BenchProgram[] = [
  cargoBench("Header decode against plain safe Rust", "nnrp-core", "header"),
  cargoBench("TCP against raw sockets", "nnrp-conformance", "echo"),
  {
    title: "Node call against a hand-written addon, koffi and ffi-rs",
    command: { program: "npx", args: ["--no-install", "tsx", "bindings/node/bench/calls.ts"] },
  },
];
