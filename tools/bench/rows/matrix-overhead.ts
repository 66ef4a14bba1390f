// What the matrix adds to a cold build of one target: the same cargo command by itself is the floor.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../../../nnrp.project.ts";
import { ToolError } from "../../shared/errors.ts";
import { systemProcess, type Command, type Exit } from "../../shared/process.ts";
import { atMost, type Contestant, type Measured, type Row, type Surroundings } from "../row.ts";

const limitMs = 1_800_000;

export const matrixOverhead: Row = {
  name: "matrix-overhead",
  title: "cold build of one target",
  placements: ["free"],
  // Minutes each.
  rounds: 1,
  figures: [{ key: "seconds", title: "time", unit: "s", aims: [atMost(1.05, "floor")] }],
  // In this order: the floor links with the launchers that the matrix has written.
  contestants: { ours: throughMatrix, floor: byCargo },
};

/** Once unmeasured: zig keeps what it has compiled of C, and the floor, which comes later, would find all of it. */
async function throughMatrix(surroundings: Surroundings): Promise<Contestant> {
  const command = matrix(surroundings);
  const build = (): Promise<Exit> => {
    rmSync(outputOf(surroundings), { recursive: true, force: true });
    return run(command, surroundings);
  };
  await build();
  return contestant(build);
}

function byCargo(surroundings: Surroundings): Promise<Contestant> {
  const build = async (): Promise<Exit> => {
    const cargo = await cargoOf(surroundings);
    const folder = join(surroundings.folder, "plain cargo");
    rmSync(folder, { recursive: true, force: true });
    return run(
      { ...cargo, env: { ...cargo.env, CARGO_TARGET_DIR: folder }, timeoutMs: limitMs },
      surroundings,
    );
  };
  return Promise.resolve(contestant(build));
}

function contestant(build: () => Promise<Exit>): Contestant {
  const measure = async (): Promise<Measured> => ({ seconds: (await build()).durationMs / 1000 });
  return { measure, stop: () => Promise.resolve() };
}

function outputOf({ folder }: Surroundings): string {
  return join(folder, "matrix-overhead");
}

function matrix(surroundings: Surroundings, ...more: readonly string[]): Command {
  const words = ["--target", "host", "--until", "build", "--output", outputOf(surroundings), ...more];
  const which = surroundings.quick ? ["--profile", "quick", "--project", tiny(surroundings)] : [];
  return {
    program: process.execPath,
    args: ["--import", "tsx", join("tools", "build-matrix.ts"), ...words, ...which],
    cwd: project.root,
    timeoutMs: limitMs,
  };
}

/** A crate that is built in no time, under the checkout's name, so that it shares the cache of its toolchains. */
function tiny({ folder }: Surroundings): string {
  const fixture = join(project.root, "tools", "build", "fixtures", "tiny");
  const copy = join(folder, "tiny");
  cpSync(fixture, copy, { recursive: true });
  const file = join(copy, "copy.project.ts");
  const [from, name] = [join(fixture, "tiny.project.ts"), project.name].map((text) => JSON.stringify(text));
  const facts = `{ ...tinyProject(import.meta.dirname), name: ${name} }`;
  writeFileSync(file, `import { tinyProject } from ${from};\nexport const project = ${facts};\n`);
  return file;
}

/** The command that the matrix runs, as it tells itself. */
async function cargoOf(surroundings: Surroundings): Promise<Command> {
  const { stdout } = await run(matrix(surroundings, "--dry-run", "--json"), surroundings);
  const line = stdout.split("\n").find((text) => text.startsWith('{"type":"build-plan"'));
  if (line === undefined) throw new TypeError("--dry-run --json tells no build-plan");
  return (JSON.parse(line) as { readonly cargo: Command }).cargo;
}

async function run(command: Command, { signal }: Surroundings): Promise<Exit> {
  const exit = await systemProcess.run(command, { signal });
  if (exit.code === 0) return exit;
  throw new ToolError({
    code: "bench-failed",
    family: "finding",
    message: `${command.program} ended with ${exit.code}: ${(exit.stderr || exit.stdout).trim().slice(-2000)}`,
    remedy: "npm run matrix -- --target host --until build",
  });
}
