// Child processes: arguments as they are, exits as they were, nothing left behind.
import { afterEach, describe, expect, it } from "vitest";
import { systemProcess } from "./process.ts";

const path = process.env["PATH"];
afterEach(() => {
  process.env["PATH"] = path;
});

function node(program: string, ...args: readonly string[]): { program: string; args: readonly string[] } {
  return { program: process.execPath, args: ["-e", program, ...args] };
}

describe("systemProcess", () => {
  it("hands on arguments that a shell would have changed", async () => {
    const odd = ["a b", "$HOME", "`id`", "'\"", "*", ""];
    const { stdout } = await systemProcess.run(
      node("console.log(JSON.stringify(process.argv.slice(1)))", ...odd),
    );
    expect(JSON.parse(stdout)).toEqual(odd);
  });

  it("tells both streams, the exit code and each line as it comes", async () => {
    const lines: string[] = [];
    const command = node('console.log("one\\ntwo"); console.error("three"); process.exit(7)');
    const exit = await systemProcess.run(command, {
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    });
    expect(exit).toMatchObject({
      code: 7,
      signal: null,
      timedOut: false,
      stdout: "one\ntwo\n",
      stderr: "three\n",
    });
    expect(lines.sort()).toEqual(["stderr three", "stdout one", "stdout two"]);
  });

  it.each([path, "/nowhere"])("says at once that a program is missing, with PATH %j", async (value) => {
    process.env["PATH"] = value;
    const started = performance.now();
    const run = systemProcess.run({ program: "no-such-program", args: [], timeoutMs: 59_000 });
    await expect(run).rejects.toMatchObject({ code: "program-not-started", exitCode: 3 });
    expect(performance.now() - started).toBeLessThan(50_000);
  });

  it("ends a child that takes too long, with its children", async () => {
    const grandchild = `require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "inherit" })`;
    const exit = await systemProcess.run({
      ...node(`${grandchild}; setInterval(() => {}, 1e6)`),
      timeoutMs: 1_000,
    });
    // Its output would stay open as long as a grandchild lived.
    expect(exit).toMatchObject({ code: null, timedOut: true });
  });

  it("ends a child when the run is interrupted", async () => {
    const controller = new AbortController();
    const run = systemProcess.run(node("console.log(1); setInterval(() => {}, 1e6)"), {
      signal: controller.signal,
      onLine: () => controller.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: "interrupted", exitCode: 130 });
  });
});
