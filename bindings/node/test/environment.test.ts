// The addon and the life of its environment: workers that end, processes that exit, the event loop, libuv's pool, forgotten objects.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { once } from "node:events";
import { beforeAll, expect, test } from "vitest";
import { hostAddon } from "./host-addon.ts";

beforeAll(() => void hostAddon());

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of test/programs in a process of its own, at most for 30 s. */
async function run(
  program: string,
  options: { arguments?: string[]; node?: string[]; environment?: Record<string, string> } = {},
): Promise<Ended> {
  const file = join(import.meta.dirname, "programs", program);
  const words = ["--import", "tsx", ...(options.node ?? []), file, ...(options.arguments ?? [])];
  const child = spawn(process.execPath, words, {
    env: { ...process.env, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 300_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

test("workers that load the addon first and end with work in flight leave the process standing, 20 times", async () => {
  const ended = await run("worker-terminate.ts");
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(ended.stdout).toContain("survived 20");
});

test("a terminated worker takes its connections along", async () => {
  const ended = await run("worker-connection.ts");
  expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
  expect(ended.stdout).toContain("session ended: ");
});

test("32 waiting sessions leave the only thread of libuv's pool free", async () => {
  const ended = await run("waiting-sessions.ts", { environment: { UV_THREADPOOL_SIZE: "1" } });
  expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
  const report = JSON.parse(ended.stdout) as { bytes: number; answered: number };
  expect(report.bytes).toBeGreaterThan(100);
  expect(report.answered).toBe(0);
});

test("a process whose connections are closed ends by itself", async () => {
  const ended = await run("exit-in-flight.ts", { arguments: ["closed"] });
  expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
  expect(ended.stdout.trim()).toBe("closed");
});

test("process.exit with work in flight gives its own exit code", async () => {
  const ended = await run("exit-in-flight.ts", { arguments: ["exit"] });
  expect(ended, ended.stderr).toMatchObject({ code: 7, signal: null });
  expect(ended.stdout.trim()).toBe("exit");
});

test("an uncaught exception with work in flight is reported as one", async () => {
  const ended = await run("exit-in-flight.ts", { arguments: ["throw"] });
  expect(ended).toMatchObject({ code: 1, signal: null });
  expect(ended.stderr).toContain("on purpose");
});

test("SIGTERM ends a process with work in flight", async () => {
  const ended = await run("exit-in-flight.ts", { arguments: ["kill"] });
  expect(ended).toMatchObject({ code: null, signal: "SIGTERM" });
});

test("an open listener keeps the process alive, a closed one does not", async () => {
  const ended = await run("open-listener.ts");
  expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
  expect(ended.stdout.trim()).toBe("still alive");
});

test("a connection that is forgotten while open is reported with the place it came from, a closed one is not", async () => {
  const ended = await run("forgotten-connection.ts", { node: ["--expose-gc"] });
  expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
  const lines = ended.stdout.trim().split("\n");
  expect(lines).toHaveLength(1);
  const { name, message } = JSON.parse(lines[0] ?? "") as { name: string; message: string };
  expect(name).toBe("NnrpLeakWarning");
  expect(message).toContain("connection to nnrp+mem://forgotten");
  expect(message).toContain("forgotten-connection.ts");
});
