// Builds and starts the peer that smoke clients talk to; it ends with this process, whatever ends this process.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { ToolError } from "../shared/errors.ts";
import type { Process, RunOptions } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";

export interface BuildPeerOptions extends RunOptions {
  readonly targetDirectory?: string;
  /** cargo's --jobs; without it, one for each core. */
  readonly jobs?: number;
}

/** It is built once, run, and neither debugged nor built again piece by piece: what that takes is most of its disk. */
const leanBuild = { CARGO_PROFILE_DEV_DEBUG: "0", CARGO_INCREMENTAL: "0" };

/** Builds the peer for this host; returns the path of the program. */
export async function buildPeer(
  project: Project,
  process: Process,
  options: BuildPeerOptions = {},
): Promise<string> {
  const { targetDirectory, jobs, ...runOptions } = options;
  const { package: crate, binary } = project.smoke.peer;
  const place = targetDirectory === undefined ? [] : ["--target-dir", targetDirectory];
  const args = [
    "build",
    "--locked",
    "--package",
    crate,
    "--bin",
    binary,
    ...place,
    ...(jobs === undefined ? [] : ["--jobs", String(jobs)]),
    "--message-format=json-render-diagnostics",
  ];
  const exit = await process.run({ program: "cargo", args, cwd: project.root, env: leanBuild }, runOptions);
  const program = exit.code === 0 ? executableIn(exit.stdout) : undefined;
  if (program !== undefined) return program;
  throw new ToolError({
    code: "peer-build-failed",
    family: "finding",
    message: `the smoke peer ${binary} does not build: ${lastLines(exit.stderr)}`,
    remedy: `run it by hand: cargo ${args.join(" ")}`,
  });
}

function executableIn(messages: string): string | undefined {
  for (const line of messages.split("\n")) {
    const path = /"executable":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
    if (path !== undefined) return JSON.parse(`"${path}"`) as string;
  }
  return undefined;
}

export interface Peer {
  /** The URI with the real port. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

const startLimitMs = 60_000;
const stopLimitMs = 5_000;

/**
 * Starts `<program> serve --listen <uri>` and waits for its line `listening <uri>`. The peer serves until its standard
 * input ends: the pipe breaks with this process, even when nobody gets to call stop().
 */
export async function startPeer(program: string, uri: string, signal?: AbortSignal): Promise<Peer> {
  const child = spawn(program, ["serve", "--listen", uri], { stdio: ["pipe", "pipe", "pipe"] });
  const onAbort = (): void => void stopChild(child);
  signal?.addEventListener("abort", onAbort, { once: true });
  const stop = async (): Promise<void> => {
    signal?.removeEventListener("abort", onAbort);
    await stopChild(child);
  };
  try {
    return { endpoint: await endpointOf(child, program), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function endpointOf(child: ChildProcess, program: string): Promise<string> {
  const errors: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString("utf8")));
  let timer: NodeJS.Timeout | undefined;
  const endpoint = new Promise<string>((resolve, reject) => {
    const fail = (what: string): void => reject(notListening(program, what, errors.join("")));
    timer = setTimeout(() => fail(`said nothing for ${startLimitMs / 1000} s`), startLimitMs);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`ended with ${code ?? signal}`));
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      const uri = /^listening (\S+)$/.exec(line)?.[1];
      if (uri !== undefined) resolve(uri);
    });
  });
  return endpoint.finally(() => clearTimeout(timer));
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const timer = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
  child.stdin?.on("error", () => undefined).end();
  await ended;
  clearTimeout(timer);
}

function notListening(program: string, what: string, errors: string): ToolError {
  return new ToolError({
    code: "peer-not-listening",
    family: "finding",
    message: `smoke peer ${program} ${what}${errors === "" ? "" : `: ${lastLines(errors)}`}`,
    remedy: `run it by hand: ${program} serve --listen <uri>`,
  });
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-12).join("\n");
}
