// What a run prepares for its targets: each thing once, and none waits for another without need.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { Process } from "../shared/process.ts";
import { linuxBox } from "./fixtures.ts";
import { generatedFolder } from "./generated-folder.ts";
import { planToolchain } from "./plan.ts";
import { Preparation } from "./prepare.ts";
import type { ToolchainPlan } from "./toolchain.ts";

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "prepare "));
});
afterAll(() => rm(cache, { recursive: true, force: true }));

/** The std comes as sources, through rustup, and one folder is made by a program. */
function planWith(folder: string): ToolchainPlan {
  const target = targets.find(({ triple }) => triple === "aarch64-unknown-linux-gnu");
  if (target === undefined) throw new Error("the table lacks it");
  const plan = planToolchain(target, { ...linuxBox, cache });
  if (plan.kind === "unsupported") throw new Error(plan.reason);
  const recipe = { files: [], commands: [{ program: "make-folder", args: [] }], environment: {} };
  return { ...plan, std: ["build-std"], generated: [generatedFolder(folder, cache, folder, recipe)] };
}

function preparation(run: (program: string) => Promise<number>): Preparation {
  const process: Process = {
    run: async (command) => {
      const ended = { signal: null, timedOut: false, stdout: "", stderr: "", durationMs: 1 };
      return { command, code: await run(command.program), ...ended };
    },
  };
  return new Preparation({ ...linuxBox, cache }, { root: "/", process, progress: { emit: () => undefined } });
}

describe("Preparation", { timeout: 60_000 }, () => {
  it("fetches a std beside the making of the compiler's files", async () => {
    const started = new Set<string>();
    let bothStarted: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (bothStarted = resolve));
    const prepared = preparation(async (program) => {
      started.add(program);
      if (started.size === 2) bothStarted();
      await both;
      return 0;
    });
    expect(await prepared.prepare(planWith("beside"))).toBe("build-std");
    expect([...started].sort()).toEqual(["make-folder", "rustup"]);
  });

  it("has a std that was fetched ahead when its target's turn comes", async () => {
    const calls: string[] = [];
    const prepared = preparation((program) => Promise.resolve(calls.push(program) - calls.length));
    await prepared.provideStd(planWith("ahead"));
    expect(calls).toEqual(["rustup"]);
    await prepared.prepare(planWith("ahead"));
    await prepared.prepare(planWith("ahead"));
    expect(calls).toEqual(["rustup", "make-folder"]);
  });

  it("tells a failure when nothing is under way any more", async () => {
    const ended: string[] = [];
    const prepared = preparation(async (program) => {
      if (program === "rustup") await new Promise((resolve) => setTimeout(resolve, 20));
      ended.push(program);
      return program === "rustup" ? 0 : 1;
    });
    await expect(prepared.prepare(planWith("failing"))).rejects.toMatchObject({
      code: "generated-folder-failed",
    });
    expect(ended).toEqual(["make-folder", "rustup"]);
  });
});
