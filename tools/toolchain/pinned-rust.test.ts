// The pinned Rust toolchain: installed once, by its own number, and only where rustup can.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Process } from "../shared/process.ts";
import { hasChannel, installPinnedRust, parseChannel } from "./pinned-rust.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pinned-"));
  await writeFile(join(root, "rust-toolchain.toml"), '[toolchain]\nchannel = "1.95.0"\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function commandsWith(list: string, installCode = 0): Promise<string[]> {
  const commands: string[] = [];
  const process: Process = {
    run: (command) => {
      commands.push(command.args.join(" "));
      const isList = command.args[1] === "list";
      const exit = { code: isList ? 0 : installCode, stdout: isList ? list : "", stderr: "error: no route" };
      return Promise.resolve({ command, signal: null, timedOut: false, durationMs: 1, ...exit });
    },
  };
  await installPinnedRust(root, { process, progress: { emit: () => undefined } });
  return commands;
}

describe("installPinnedRust", () => {
  it("installs the pinned number when rustup has others only", async () => {
    const commands = await commandsWith("stable-x86_64-unknown-linux-gnu (default)\n");
    expect(commands[1]).toBe("toolchain install 1.95.0 --profile minimal --no-self-update");
  });

  it("leaves a machine alone that has it", async () => {
    expect(await commandsWith("1.95.0-x86_64-unknown-linux-gnu (active)\n")).toEqual(["toolchain list"]);
  });

  it("says what to run when rustup fails", async () => {
    await expect(commandsWith("", 1)).rejects.toMatchObject({
      exitCode: 3,
      remedy: "rustup toolchain install 1.95.0 --profile minimal",
    });
  });

  it("reads the channel and does not take 1.95.01 for 1.95.0", () => {
    expect(parseChannel('channel = "1.95.0"')).toBe("1.95.0");
    expect(hasChannel("1.95.01-x86_64", "1.95.0")).toBe(false);
  });
});
