// What is said to stay without a run, target by target.
import { expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import { limitsOf } from "./limits.ts";
import type { SmokeRun } from "./verification.ts";

it("a target without a run says what it would need, and one with runs does not", () => {
  for (const [triple, need] of [
    ["aarch64-apple-darwin", "a Mac"],
    ["aarch64-apple-ios-sim", "simulator"],
    ["x86_64-linux-android", "emulator"],
    ["aarch64-pc-windows-msvc", "Windows"],
  ] as const)
    expect(limitsOf(targetOf(triple), [])[0]?.reason).toContain(need);
  expect(limitsOf(targetOf("aarch64-apple-darwin"), [run("native")])).toEqual([]);
});

it("the oldest glibc is claimed from the bytes, and QUIC is not claimed under Wine", () => {
  const subjects = (triple: string, runner: string): string[] =>
    limitsOf(targetOf(triple), [run(runner)]).map(({ subject }) => subject);
  expect(subjects("x86_64-unknown-linux-gnu", "native")).toEqual(["glibc 2.17"]);
  expect(subjects("riscv64gc-unknown-linux-gnu", "qemu-riscv64 version 7")).toEqual(["glibc 2.27"]);
  expect(subjects("x86_64-pc-windows-gnullvm", "wine-8.0 (Debian)")).toEqual(["QUIC under Wine"]);
  expect(subjects("x86_64-unknown-linux-musl", "native")).toEqual([]);
});

function targetOf(triple: string): (typeof targets)[number] {
  const target = targets.find((item) => item.triple === triple);
  if (target === undefined) throw new Error(triple);
  return target;
}

function run(runner: string): SmokeRun {
  const ended = { ok: true, exitCode: 0, timedOut: false, durationMs: 1, passed: 21, failed: 0 };
  return { client: "c-dynamic", claim: "emulated", runner, argv: [], library: null, ...ended };
}
