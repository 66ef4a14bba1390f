// Child processes: arguments as they are, exits as they were, nothing left behind.
import { readFile } from "node:fs/promises";
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

  /** Says the number of a process in a group of its own, and ends it when it is asked to end itself. */
  const keeper = [
    `const { spawn } = require("child_process");`,
    `const kept = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { detached: true, stdio: "ignore" });`,
    `process.on("SIGTERM", () => { process.kill(-kept.pid, "SIGKILL"); process.exit(0); });`,
    `console.log(kept.pid);`,
    `setInterval(() => {}, 1e6);`,
  ].join("\n");

  it("lets a child that has groups of its own end them before it is killed", async () => {
    const controller = new AbortController();
    let kept = 0;
    const run = systemProcess.run(
      { ...node(keeper), endsItselfWithinMs: 300_000 },
      {
        signal: controller.signal,
        onLine: (line) => {
          kept = Number(line);
          controller.abort();
        },
      },
    );
    await expect(run).rejects.toMatchObject({ code: "interrupted" });
    expect(await isGone(kept)).toBe(true);
  });

  it("kills a child that was asked to end itself and does not", async () => {
    const deaf = `process.on("SIGTERM", () => {}); console.log(1); setInterval(() => {}, 1e6)`;
    const controller = new AbortController();
    const run = systemProcess.run(
      { ...node(deaf), endsItselfWithinMs: 500 },
      { signal: controller.signal, onLine: () => controller.abort() },
    );
    await expect(run).rejects.toMatchObject({ code: "interrupted" });
  });

  it("leaves no child behind when its own process ends at once", async () => {
    const module = new URL("process.ts", import.meta.url).href;
    const program = [
      `const { systemProcess } = await import(${JSON.stringify(module)});`,
      `const args = ["-e", "console.log(process.pid); setInterval(() => {}, 1e6)"];`,
      `const onLine = (line) => { console.log(line); process.exit(0); };`,
      `void systemProcess.run({ program: process.execPath, args }, { onLine });`,
    ].join("\n");
    const { stdout, code } = await systemProcess.run({
      program: process.execPath,
      args: ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", program],
    });
    expect(code).toBe(0);
    expect(await isGone(Number(stdout))).toBe(true);
  });
});

/** A killed process is still there for as long as nobody has taken note of its end. */
async function isGone(pid: number): Promise<boolean> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (state === "" || /\) Z /.test(state)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
