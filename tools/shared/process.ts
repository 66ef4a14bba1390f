// Child processes behind one interface: argument arrays, typed exits, time limits, streamed output, no shell.
import { $, type ProcessPromise } from "zx/core";
import { spawn, type SpawnOptions } from "node:child_process";
import { createWriteStream } from "node:fs";
import { ToolError } from "./errors.ts";

/** A child to be run; plain data, so that plans can hold it and tests can compare it. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of this process; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** After this many milliseconds the child and its children are killed. Required for everything emulated. */
  readonly timeoutMs?: number;
  /**
   * For a program that has children of its own to end, in groups of their own, as the entries of these tools do: it is
   * asked to end first, and killed where it has not after this time.
   */
  readonly endsItselfWithinMs?: number;
  /** Bytes fed to standard input; without it the child reads end of file. */
  readonly input?: string;
}

/** How a child ended. */
export interface Exit {
  readonly command: Command;
  /** null when a signal or the time limit ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface RunOptions {
  /** Called with each complete line of stdout and stderr as it arrives. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Also append all output to this file. */
  readonly logFile?: string;
  /** What stands there for a line. */
  readonly logLine?: (line: string) => string;
  readonly signal?: AbortSignal;
}

/** Runs children; stages take it as a parameter so that plans stay pure. */
export interface Process {
  /** Resolves with the exit, whatever it is; rejects with ToolError only when the program cannot be started or the signal fired. */
  run(command: Command, options?: RunOptions): Promise<Exit>;
}

/** The real thing, on zx. The child gets its own process group so that a time limit or Ctrl-C ends its children too. */
export const systemProcess: Process = { run };

async function run(command: Command, options: RunOptions = {}): Promise<Exit> {
  const started = performance.now();
  const child = start(command);
  const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: "a" });
  let timedOut = false;
  const ending = new GroupEnding(child, command.endsItselfWithinMs);
  const kill = (): void => ending.begin();
  const onTimeout = (): void => {
    timedOut = true;
    kill();
  };
  const timer = command.timeoutMs === undefined ? undefined : setTimeout(onTimeout, command.timeoutMs);
  options.signal?.addEventListener("abort", kill, { once: true });
  if (options.signal?.aborted === true) kill();
  try {
    watchLines(child, options, log);
    const output = await child;
    if (options.signal?.aborted === true) throw interrupted(command);
    if (child.pid === undefined) throw notStarted(command, output.cause);
    const durationMs = Math.round(performance.now() - started);
    const code = timedOut || output.signal !== null ? null : output.exitCode;
    return {
      command,
      code,
      signal: output.signal,
      timedOut,
      stdout: output.stdout,
      stderr: output.stderr,
      durationMs,
    };
  } finally {
    clearTimeout(timer);
    ending.close();
    options.signal?.removeEventListener("abort", kill);
    if (log !== undefined) await new Promise((resolve) => log.end(resolve));
  }
}

function start(command: Command): ProcessPromise {
  const shell = $({
    cwd: command.cwd ?? process.cwd(),
    env: { ...process.env, ...command.env },
    input: command.input ?? "",
    nothrow: true,
    quiet: true,
    // No shell is used, so that none has to be found: PATH may be empty.
    ...{ shell: process.execPath, prefix: "", postfix: "", quote: (word: string) => word },
    detached: process.platform !== "win32",
    // zx joins its template into one shell string; spawning here keeps arguments an array and needs no shell.
    spawn: ((_line: string, _args: readonly string[], options: SpawnOptions) =>
      spawn(command.program, [...command.args], { ...options, shell: false })) as typeof spawn,
  });
  return shell`${command.program}`.run();
}

function watchLines(
  child: ProcessPromise,
  options: RunOptions,
  log: NodeJS.WritableStream | undefined,
): void {
  for (const stream of ["stdout", "stderr"] as const) {
    let rest = "";
    const take = (line: string): void => {
      log?.write(`${options.logLine?.(line) ?? line}\n`);
      options.onLine?.(line, stream);
    };
    child[stream].on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString("utf8")).split(/\r?\n/);
      rest = lines.pop() ?? "";
      lines.forEach(take);
    });
    child[stream].on("end", () => {
      if (rest !== "") take(rest);
    });
  }
}

/** How one child and its group are ended, also where this process ends before them. */
class GroupEnding {
  private readonly child: ProcessPromise;
  private readonly graceMs: number | undefined;
  private lastly: NodeJS.Timeout | undefined;

  constructor(child: ProcessPromise, graceMs: number | undefined) {
    this.child = child;
    this.graceMs = graceMs;
    running.add(this);
  }

  begin(): void {
    if (this.graceMs === undefined) {
      signalGroup(this.child, "SIGKILL");
      return;
    }
    signalGroup(this.child, "SIGTERM");
    this.lastly ??= setTimeout(() => signalGroup(this.child, "SIGKILL"), this.graceMs);
  }

  /** This process ends now: what could end itself is asked, since killing it would leave its children to nobody. */
  abandon(): void {
    signalGroup(this.child, this.graceMs === undefined ? "SIGKILL" : "SIGTERM");
  }

  close(): void {
    clearTimeout(this.lastly);
    running.delete(this);
  }
}

/** A second Ctrl-C, or a defect, ends this process at once; groups of their own would live on. */
const running = new Set<GroupEnding>();
process.on("exit", () => running.forEach((ending) => ending.abandon()));

function signalGroup({ pid }: ProcessPromise, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // The group has already ended.
  }
}

function interrupted(command: Command): ToolError {
  return new ToolError({
    code: "interrupted",
    family: "interrupted",
    message: `interrupted while running ${command.program}`,
    remedy: "run the same command again; finished steps are not repeated",
  });
}

function notStarted(command: Command, cause: unknown): ToolError {
  return new ToolError({
    code: "program-not-started",
    family: "environment",
    message: `cannot start ${command.program}`,
    remedy: `install ${command.program} or put it on PATH`,
    cause,
  });
}
