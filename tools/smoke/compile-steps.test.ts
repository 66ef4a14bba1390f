// Facts about compiles of several steps.
import { describe, expect, it } from "vitest";
import { systemProcess, type Command } from "../shared/process.ts";
import { runSteps } from "./compile-steps.ts";

describe("the steps of a compile", () => {
  it("are one record: well if each was, the words of the last, the time of all", async () => {
    const record = await runSteps([node("1"), node("setTimeout(() => 0, 40)")], { process: systemProcess });
    expect(record).toMatchObject({ ok: true, argv: [process.execPath, "-e", "setTimeout(() => 0, 40)"] });
    expect(record.durationMs).toBeGreaterThanOrEqual(40);
    expect(record).not.toHaveProperty("tail");
  });

  it("end with the first that fails, in its last words", async () => {
    const failing = "for (let i = 1; i <= 30; i++) console.error('line', i); process.exit(4)";
    const record = await runSteps([node(failing), node("process.exit(5)")], { process: systemProcess });
    expect(record).toMatchObject({ ok: false, argv: [process.execPath, "-e", failing] });
    expect(record.tail?.split("\n")).toHaveLength(20);
    expect(record.tail).toMatch(/^line 11\n[^]*line 30$/);
  });
});

function node(source: string): Command {
  return { program: process.execPath, args: ["-e", source], timeoutMs: 60_000 };
}
