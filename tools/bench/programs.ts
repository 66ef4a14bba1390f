// Builds the programs of the benchmarks, in the release profile unless only their working is tried.
import { join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";

/** Paths of the programs. */
export interface Programs {
  /** Our echo, server and client. */
  readonly echo: string;
  /** Floors and loads. */
  readonly bench: string;
  /** Both peers of the published line. */
  readonly published: string;
}

export interface BuildOptions {
  readonly root: string;
  readonly release: boolean;
  readonly signal: AbortSignal;
}

export async function buildPrograms(process: Process, options: BuildOptions): Promise<Programs> {
  const ours = ["--package", "nnrp-conformance", "--package", "nnrp-bench", "--bins"];
  const theirs = ["--manifest-path", join("interop", "Cargo.toml"), "--bin", "published-bench"];
  const built = [...(await build(process, ours, options)), ...(await build(process, theirs, options))];
  const named = (name: string): string => {
    const path = built.find((program) => new RegExp(`[\\\\/]${name}(\\.exe)?$`).test(program));
    if (path !== undefined) return path;
    throw new ToolError({
      code: "bench-build-failed",
      family: "finding",
      message: `cargo built no ${name}`,
      remedy: "cargo build --release --package nnrp-bench",
    });
  };
  return { echo: named("nnrp-echo"), bench: named("nnrp-bench"), published: named("published-bench") };
}

async function build(process: Process, what: readonly string[], options: BuildOptions): Promise<string[]> {
  const profile = options.release ? ["--release"] : [];
  const args = ["build", "--locked", ...profile, ...what, "--message-format=json-render-diagnostics"];
  const exit = await process.run(
    { program: "cargo", args, cwd: options.root, timeoutMs: 1_800_000 },
    { signal: options.signal },
  );
  if (exit.code === 0) return executablesIn(exit.stdout);
  throw new ToolError({
    code: "bench-build-failed",
    family: "finding",
    message: `the programs of the benchmarks do not build: ${exit.stderr.trim().split("\n").slice(-10).join("\n")}`,
    remedy: `run it by hand: cargo ${args.join(" ")}`,
  });
}

/** The paths in cargo's messages, one JSON object a line. */
export function executablesIn(messages: string): string[] {
  return messages
    .split("\n")
    .map((line) => /"executable":("(?:[^"\\]|\\.)*")/.exec(line)?.[1])
    .filter((path) => path !== undefined)
    .map((path) => JSON.parse(path) as string);
}
