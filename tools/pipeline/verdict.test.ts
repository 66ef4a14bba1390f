// Verdicts: used again while everything they depended on is the same, never a moment longer.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileDigests } from "../shared/file-digest.ts";
import { askedHost } from "./asked-host.ts";
import { decided, type Outcome, type VerdictRequest } from "./verdict.ts";

let folder: string;
let runs: number;
let key: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "verdict-"));
  [runs, key] = [0, "one"];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function decide(changes: Partial<VerdictRequest<number>> = {}): Promise<Outcome<number>> {
  const output = join(folder, "output");
  return decided({
    ...{
      file: join(folder, "stage.json"),
      digests: new FileDigests(join(folder, "digests.json")),
      reuse: true,
    },
    key: () => Promise.resolve(key),
    run: () => {
      runs += 1;
      writeFileSync(output, `result of ${key}`);
      return Promise.resolve(runs);
    },
    ...{ outputs: () => [output], isFinal: () => true },
    ...changes,
  });
}

describe("a verdict", () => {
  it("is found the second time, with the seconds of the first", async () => {
    const first = await decide();
    expect(await decide()).toEqual({ ...first, reused: true });
    expect(runs).toBe(1);
  });

  it("is void when the key differs, when its output was changed, and when its output is gone", async () => {
    await decide();
    key = "two";
    expect((await decide()).reused).toBe(false);
    writeFileSync(join(folder, "output"), "changed");
    expect((await decide()).reused).toBe(false);
    rmSync(join(folder, "output"));
    expect((await decide()).reused).toBe(false);
    expect((await decide()).reused).toBe(true);
  });

  it("is not kept of a result that is not final", async () => {
    await decide({ isFinal: () => false });
    expect((await decide()).reused).toBe(false);
  });

  it("is gone as soon as its stage runs again, so that an interrupt leaves none", async () => {
    await decide();
    key = "two";
    const interrupted = decide({ run: () => Promise.reject(new Error("interrupted")) });
    await expect(interrupted).rejects.toThrow("interrupted");
    expect(existsSync(join(folder, "stage.json"))).toBe(false);
    key = "one";
    expect((await decide()).reused).toBe(false);
  });

  it("is not kept when an input changed while the stage ran", async () => {
    await decide({
      run: () => {
        key = "changed meanwhile";
        return Promise.resolve(1);
      },
      outputs: () => [],
    });
    expect((await decide()).reused).toBe(false);
  });

  it("is not looked up for a person who asked for the stage, and kept for the next run", async () => {
    await decide();
    expect((await decide({ reuse: false })).reused).toBe(false);
    expect((await decide()).reused).toBe(true);
  });

  it("is void when half of it was written", async () => {
    await decide();
    writeFileSync(join(folder, "stage.json"), '{"key":"one","out');
    expect((await decide()).reused).toBe(false);
  });

  it("is void when a program that the stage looked for was installed, replaced or removed", async () => {
    const emulator = join(folder, "qemu");
    const ask = async (): Promise<boolean> => {
      const questions = askedHost();
      const run = (): Promise<number> => Promise.resolve(questions.host.exists(emulator) ? 1 : 0);
      return (await decide({ questions, run, outputs: () => [] })).reused;
    };
    expect([await ask(), await ask()]).toEqual([false, true]);
    writeFileSync(emulator, "version 1");
    expect([await ask(), await ask()]).toEqual([false, true]);
    writeFileSync(emulator, "version 10");
    expect([await ask(), await ask()]).toEqual([false, true]);
    rmSync(emulator);
    expect([await ask(), await ask()]).toEqual([false, true]);
  });
});
