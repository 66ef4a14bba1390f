// Builds the C program that measures the C ABI, against the library in the profile of the run.
import { dirname, join } from "node:path";
import { project } from "../../nnrp.project.ts";
import { ToolError } from "../shared/errors.ts";
import { systemProcess } from "../shared/process.ts";
import type { Command, Exit } from "../shared/process.ts";
import type { Surroundings } from "./row.ts";

const buildLimitMs = 1_800_000;

/** One build a profile, whatever the number of rows. */
const built = new Map<boolean, Promise<string>>();

/** Path of the program. */
export function abiProgram(surroundings: Surroundings): Promise<string> {
  const { quick } = surroundings;
  const known = built.get(quick) ?? build(surroundings);
  built.set(quick, known);
  return known;
}

async function build({ quick, signal }: Surroundings): Promise<string> {
  const profile = quick ? [] : ["--release"];
  // By itself, as it ships: cargo leaves link-time optimisation out where a Rust library is made beside it.
  const args = [
    ...["rustc", "--locked", ...profile, "--package", project.crate.package],
    ...["--lib", "--crate-type", "cdylib", "--message-format=json-render-diagnostics"],
  ];
  const { stdout } = await succeed({ program: "cargo", args }, signal);
  const library = new RegExp(`"([^"]*/lib${project.crate.library}\\.(?:so|dylib))"`).exec(stdout)?.[1] ?? "";
  const folder = dirname(library);
  const program = join(folder, "nnrp-abi-bench");
  const source = join("crates", "nnrp-bench", "c", "abi.c");
  const flags = ["-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", project.headers.includeDirectory];
  const linked = [library, `-Wl,-rpath,${folder}`, "-lpthread"];
  await succeed({ program: "cc", args: [...flags, source, ...linked, "-o", program] }, signal);
  return program;
}

async function succeed(command: Command, signal: AbortSignal): Promise<Exit> {
  const exit = await systemProcess.run(
    { ...command, cwd: project.root, timeoutMs: buildLimitMs },
    { signal },
  );
  if (exit.code === 0) return exit;
  throw new ToolError({
    code: "bench-build-failed",
    family: "finding",
    message: `the program for the C ABI does not build: ${exit.stderr.trim().slice(-1000)}`,
    remedy: `run it by hand: ${command.program} ${command.args.join(" ")}`,
  });
}
