// What a builder fetches for targets whose turn has not come, and what it leaves alone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldersOf } from "../matrix/folders.ts";
import { targets } from "../matrix/targets.ts";
import { FileDigests } from "../shared/file-digest.ts";
import type { Process } from "../shared/process.ts";
import { linuxBox } from "../toolchain/fixtures.ts";
import { planToolchain } from "../toolchain/plan.ts";
import { Preparation } from "../toolchain/prepare.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import { tinyProject } from "./fixtures/tiny/tiny.project.ts";
import { TargetBuilder, type StepReporter } from "./target-builder.ts";

const triples = ["aarch64-unknown-linux-gnu", "riscv64gc-unknown-linux-gnu", "i686-unknown-linux-gnu"];
const toolchains = triples.map(toolchainOf);
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "builder "));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Needs nothing but a std, which rustup brings. */
function toolchainOf(triple: string): ToolchainPlan {
  const target = targets.find((row) => row.triple === triple);
  const plan = target === undefined ? undefined : planToolchain(target, linuxBox);
  if (plan?.kind !== "supported") throw new Error(triple);
  return { ...plan, std: ["build-std"], usesZig: false, generated: [] };
}

/** The test ends where the build would begin. */
const prepareOnly: StepReporter = (step, action) =>
  step === "prepare" ? action(() => undefined) : Promise.reject(new Error("far enough"));

interface Run {
  readonly calls: string[];
  readonly builder: TargetBuilder;
}

function run(isOver: () => boolean): Run {
  const calls: string[] = [];
  const process: Process = {
    run: (command) => {
      calls.push(`${command.program} ${command.args[0]}`);
      const ended = { code: 0, signal: null, timedOut: false, stdout: "", stderr: "", durationMs: 1 };
      return Promise.resolve({ command, ...ended });
    },
  };
  const project = tinyProject(root);
  const context = { root, process, progress: { emit: () => undefined } };
  const builder = new TargetBuilder({
    ...{ project, process, toolchains, isOver, facts: linuxBox, profile: "quick", offline: false },
    folders: foldersOf(project, { TINY_CACHE_DIR: join(root, "cache") }),
    preparation: new Preparation(linuxBox, context),
    inputs: { sources: "sources", gitCommit: "c0ffee", cargoSources: [], nodeApiHeaders: undefined },
    digests: new FileDigests(join(root, "digests.json")),
    onCrates: () => void calls.push("crates are there"),
  });
  return { calls, builder };
}

async function prepare({ builder }: Run, triple: string): Promise<void> {
  await expect(builder.build(toolchainOf(triple), 1, prepareOnly)).rejects.toThrow("far enough");
}

function count(calls: readonly string[], call: string): number {
  return calls.filter((each) => each === call).length;
}

describe("a builder", { timeout: 60_000 }, () => {
  it("fetches every std once, those of later targets while the first ones build", async () => {
    const { calls, builder } = run(() => false);
    await prepare({ calls, builder }, "aarch64-unknown-linux-gnu");
    await expect.poll(() => count(calls, "rustup component"), { timeout: 60_000 }).toBe(triples.length);
    for (const triple of triples.slice(1)) await prepare({ calls, builder }, triple);
    expect(count(calls, "rustup component")).toBe(triples.length);
  });

  it("tells once that all crates are there", async () => {
    const { calls, builder } = run(() => true);
    for (const triple of triples) await prepare({ calls, builder }, triple);
    expect(count(calls, "crates are there")).toBe(1);
  });

  it("fetches nothing ahead for a run that is over", async () => {
    const { calls, builder } = run(() => true);
    await prepare({ calls, builder }, "riscv64gc-unknown-linux-gnu");
    expect(count(calls, "rustup component")).toBe(1);
  });
});
