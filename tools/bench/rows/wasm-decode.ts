// Decode of a 176-byte packet by the module of the web, called from Node, beside the same codec as native code.
import { join } from "node:path";
import { project } from "../../../nnrp.project.ts";
import { ToolError } from "../../shared/errors.ts";
import { systemProcess } from "../../shared/process.ts";
import { call } from "../peers.ts";
import { atMost, type Contestant, type Row, type Surroundings } from "../row.ts";
import { codecWords } from "./codec-words.ts";

const target = "wasm32-unknown-unknown";
/** What nobody has built before takes long. */
const buildLimitMs = 1_800_000;

export const wasmDecode: Row = {
  name: "wasm-decode",
  title: "decode of a 176-byte packet in WebAssembly (floor: the same codec as native code)",
  placements: ["one CPU"],
  figures: [
    { key: "value", title: "copied in and decoded", unit: "ns", aims: [atMost(3, "floor")] },
    { key: "objects", title: "as objects, two fields read", unit: "ns", aims: [] },
  ],
  contestants: { ours: inModule, floor: native },
};

async function inModule(surroundings: Surroundings): Promise<Contestant> {
  const module = await webModule(surroundings);
  const script = join(project.root, "bindings/wasm/bench/decode.ts");
  const rounds = surroundings.quick ? ["--rounds", "1"] : [];
  const words = [process.execPath, "--import", "tsx", script, module, ...rounds];
  return { measure: () => call(words, surroundings), stop: () => Promise.resolve() };
}

function native(surroundings: Surroundings): Promise<Contestant> {
  const words = codecWords("packet-decode").ours?.(surroundings.programs, surroundings.quick) ?? [];
  return Promise.resolve({ measure: () => call(words, surroundings), stop: () => Promise.resolve() });
}

async function webModule({ quick, signal }: Surroundings): Promise<string> {
  const crate = project.wasm?.package ?? "";
  const profile = quick ? [] : ["--release"];
  const args = ["build", "--locked", ...profile, "--package", crate, "--target", target];
  const command = { program: "cargo", args: [...args, "--message-format=json"], cwd: project.root };
  const exit = await systemProcess.run({ ...command, timeoutMs: buildLimitMs }, { signal });
  const file = new RegExp(`"([^"]*/${project.wasm?.library ?? ""}\\.wasm)"`).exec(exit.stdout)?.[1];
  if (file !== undefined) return file;
  throw new ToolError({
    code: "bench-build-failed",
    family: "finding",
    message: `cargo built no module for the web: ${exit.stderr.trim().slice(-1000)}`,
    remedy: `rustup target add ${target}, then cargo ${args.join(" ")}`,
  });
}
