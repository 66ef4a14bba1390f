// What a call from Node into the library costs: through the addon, through a hand-written one (the floor), through koffi and ffi-rs.
import { join } from "node:path";
import { project } from "../../../nnrp.project.ts";
import { ToolError } from "../../shared/errors.ts";
import { systemProcess } from "../../shared/process.ts";
import type { Contestant, Figure, Measured, Row, Surroundings } from "../row.ts";

const calls = ["abi_version", "options_set_u64", "queue_drain", "session_submit"];
/** What nobody has built before takes long. */
const buildLimitMs = 1_800_000;
const others = ["koffi", "ffi-rs"];

export const nodeCalls: Row = {
  name: "node-calls",
  title: "call from Node",
  placements: ["free"],
  // The program itself takes medians of rounds in turn.
  rounds: 1,
  figures: calls.flatMap(figuresOf),
  contestants: {
    ours: (surroundings) => caller(surroundings, { "this addon": "", koffi: " koffi", "ffi-rs": " ffi-rs" }),
    floor: (surroundings) => caller(surroundings, { "hand-written Node-API": "" }),
  },
};

function figuresOf(call: string): Figure[] {
  const figure = (key: string, title: string): Figure => ({ key, title, unit: "ns", aims: [] });
  return [figure(call, call), ...others.map((way) => figure(`${call} ${way}`, `${call} by ${way}`))];
}

/** `ways` gives what is added to the name of the call in the key of the figure. */
function caller(surroundings: Surroundings, ways: Readonly<Record<string, string>>): Promise<Contestant> {
  const measure = async (): Promise<Measured> => {
    const exit = await systemProcess.run(
      {
        program: process.execPath,
        args: ["--import", "tsx", join("bindings", "node", "bench", "calls.ts")],
        cwd: project.root,
        env: surroundings.quick ? { NNRP_BENCH_LIBRARY: await debugLibrary(surroundings.signal) } : {},
        timeoutMs: buildLimitMs,
      },
      { signal: surroundings.signal },
    );
    if (exit.code === 0) return figuresIn(exit.stdout, ways);
    throw new ToolError({
      code: "bench-failed",
      family: "finding",
      message: `the calls from Node: ${exit.stderr.trim() || exit.stdout.trim()}`,
      remedy: "npx tsx bindings/node/bench/calls.ts",
    });
  };
  return Promise.resolve({ measure, stop: () => Promise.resolve() });
}

/** The library as tests have it: an optimized one takes minutes to link. */
async function debugLibrary(signal: AbortSignal): Promise<string> {
  const args = ["build", "--locked", "--package", project.crate.package, "--message-format=json"];
  const command = { program: "cargo", args, cwd: project.root, timeoutMs: buildLimitMs };
  const exit = await systemProcess.run(command, { signal });
  const file = new RegExp(`"([^"]*/lib${project.crate.library}\\.(?:so|dylib))"`);
  const library = file.exec(exit.stdout)?.[1];
  if (library !== undefined) return library;
  throw new ToolError({
    code: "bench-build-failed",
    family: "finding",
    message: `cargo built no library to call from Node: ${exit.stderr.trim().slice(-1000)}`,
    remedy: `cargo build --package ${project.crate.package}`,
  });
}

/** From lines such as `{"name":"abi_version, no argument: koffi","value":40}`. */
function figuresIn(output: string, ways: Readonly<Record<string, string>>): Measured {
  const figures: Record<string, number> = {};
  for (const line of output.split("\n").filter((text) => text.startsWith('{"name"'))) {
    const { name, value } = JSON.parse(line) as { name: string; value: number };
    const [call = "", way = ""] = [/^\w+/.exec(name)?.[0], /: (.*)$/.exec(name)?.[1]];
    const suffix = ways[way];
    if (suffix !== undefined) figures[call + suffix] = value;
  }
  return figures;
}
