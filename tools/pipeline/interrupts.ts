// Command: kills runs of a small crate at random moments and looks whether anything unfinished is ever taken for done.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Command as Program } from "commander";
import type { RecordedArtifact } from "../build/record.ts";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { sha256Of } from "../shared/digest.ts";
import { tinyCheckout, type TinyCheckout } from "./tiny-checkout.ts";

const triple = hostTriple(thisHost());
/** A run of the small crate takes seconds; on a machine full of other work, minutes. */
const patienceMs = 900_000;

/** File names of what users get, with digests. */
type Result = ReadonlyMap<string, string>;

async function main(times: number, seed: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "interrupts-"));
  try {
    const tiny = tinyCheckout(join(folder, "tiny"));
    const started = performance.now();
    const undisturbed = finish(tiny, join(folder, "undisturbed"));
    const wholeRunMs = performance.now() - started;
    const random = randomNumbers(seed);
    for (let time = 1; time <= times; time += 1) {
      const afterMs = random() * wholeRunMs;
      const everything = time % 2 === 0;
      const output = join(folder, `out ${time}`);
      await interrupt(tiny, output, afterMs, everything);
      const early = claimed(undisturbed, output);
      const whom = everything ? "the run with all its children" : "the run alone";
      console.log(`${time}: killed ${whom} after ${Math.round(afterMs)} ms, ${early} files finished by then`);
      const problem = difference(undisturbed, finish(tiny, output));
      if (problem !== undefined) throw new Error(`seed ${seed}, time ${time}: ${problem}`);
      rmSync(output, { recursive: true });
    }
    console.log(`counted: ${times} killed runs, each ending like an undisturbed one when repeated`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function words(output: string): string[] {
  return ["--target", "host", "--until", "package", "--profile", "quick", "--output", output];
}

function finish(tiny: TinyCheckout, output: string): Result {
  const { code, stdout, stderr } = tiny.matrix(words(output), { timeoutMs: patienceMs });
  if (code !== 0) throw new Error(`a run ended with ${code}:\n${stdout}${stderr}`);
  return resultIn(output);
}

/** Children in groups of their own, as the run starts them, outlive it unless they are killed too. */
async function interrupt(
  tiny: TinyCheckout,
  output: string,
  afterMs: number,
  everything: boolean,
): Promise<void> {
  const [program, ...args] = tiny.command(words(output));
  const child = spawn(program, args, {
    stdio: "ignore",
    env: tiny.environment,
    cwd: join(import.meta.dirname, "..", ".."),
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await wait(afterMs);
  const below = everything ? descendants(child.pid ?? 0) : [];
  child.kill("SIGKILL");
  for (const pid of below) killIfThere(pid);
  await ended;
}

function descendants(root: number): number[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  const rows = [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s*$/gm)].map(
    (row) => [Number(row[1]), Number(row[2])] as const,
  );
  const below = (parent: number): number[] =>
    rows.filter((row) => row[1] === parent).flatMap(([pid]) => [pid, ...below(pid)]);
  return below(root);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Everything that says of itself that it is finished must be so at any moment; how many files there are. */
function claimed(undisturbed: Result, output: string): number {
  const found = resultIn(output);
  for (const [name, digest] of found)
    if (digest !== undisturbed.get(name)) throw new Error(`${output}${name} is there and is not finished`);
  return found.size;
}

function recordIn(output: string): RecordedArtifact | undefined {
  const path = join(output, triple, "artifact.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as RecordedArtifact) : undefined;
}

function packagesIn(output: string): string[] {
  const folder = join(output, "packages");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /\.(tgz|tar\.gz|zip)$/.test(name)).map((name) => join(folder, name));
}

function resultIn(output: string): Result {
  const libraries = (recordIn(output)?.libraries ?? []).map(({ path }) => path);
  const files = [...libraries, ...packagesIn(output)];
  return new Map(files.map((path) => [path.slice(output.length), sha256Of(readFileSync(path))]));
}

function difference(expected: Result, found: Result): string | undefined {
  const names = new Set([...expected.keys(), ...found.keys()]);
  const differing = [...names].filter((name) => expected.get(name) !== found.get(name));
  return differing.length === 0 ? undefined : `differs from the undisturbed run: ${differing.join(", ")}`;
}

/** xorshift32: the same moments for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const { times, seed } = new Program("interrupts")
  .description("Kills runs of a small crate with SIGKILL at random moments and repeats them.")
  .option("--times <n>", "how many runs to kill", Number, 20)
  .option("--seed <n>", "chooses the moments", Number, Date.now() % 2 ** 31)
  .parse()
  .opts<{ times: number; seed: number }>();
console.log(`seed ${seed}`);
process.exitCode = await main(times, seed);
