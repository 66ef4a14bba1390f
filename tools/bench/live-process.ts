// A child that one talks to while it runs: its lines are awaited, it is told to go on, its memory is read.
import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { ToolError } from "../shared/errors.ts";

/** Longest wait for a line; a machine under load is slow, a hung program is for ever. */
const lineLimitMs = 120_000;
const stopLimitMs = 10_000;

export class LiveProcess {
  readonly #child: ChildProcess;
  readonly #line: string;
  readonly #lines: string[] = [];
  readonly #signal: AbortSignal;
  readonly #kill = (): void => void this.#child.kill("SIGKILL");
  readonly #interrupt = (): void => {
    this.#kill();
    this.#wake();
  };
  #errors = "";
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(words: readonly string[], signal: AbortSignal) {
    const [program = "", ...args] = words;
    this.#line = words.join(" ");
    this.#signal = signal;
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    signal.addEventListener("abort", this.#interrupt, { once: true });
    if (signal.aborted) this.#kill();
    this.#listen();
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const limit = Date.now() + lineLimitMs;
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#signal.aborted) throw interrupted(this.#line);
      if (this.#ended || Date.now() > limit) throw this.#failure("said nothing more");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lineLimitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Lets it go on with its next step. */
  goOn(): void {
    this.#child.stdin?.write("\n");
  }

  /** Bytes of memory that it occupies; Linux only. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, "utf8");
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes === undefined) throw this.#failure("has no memory to read any more");
    return Number(kilobytes) * 1024;
  }

  /** Waits for its own end, which has to be in order. */
  async finish(): Promise<void> {
    await this.#end();
    if (this.#child.exitCode !== 0) throw this.#failure("failed");
  }

  /** Ends its stdin, which is how these programs are told to end; who does not listen is killed. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(this.#kill, stopLimitMs);
    await this.#end();
    clearTimeout(timer);
  }

  /** For programs that serve until they are killed. */
  async kill(): Promise<void> {
    this.#kill();
    await this.#end();
  }

  async #end(): Promise<void> {
    while (!this.#ended) {
      if (this.#signal.aborted) throw interrupted(this.#line);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child;
    // A child that has ended does not read any more; its exit says so.
    stdin?.on("error", () => undefined);
    stderr?.on("data", (chunk: Buffer) => (this.#errors = (this.#errors + chunk.toString()).slice(-4000)));
    const ended = (): void => {
      this.#ended = true;
      this.#signal.removeEventListener("abort", this.#interrupt);
      this.#wake();
    };
    this.#child.on("error", (error) => {
      this.#errors += error.message;
      ended();
    });
    this.#child.on("close", ended);
    if (stdout === null) return;
    createInterface({ input: stdout }).on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
  }

  #failure(what: string): ToolError {
    return new ToolError({
      code: "bench-failed",
      family: "finding",
      message: `${this.#line} ${what}: ${this.#errors.trim() || "without a word"}`,
      remedy: `run it by hand: ${this.#line}`,
    });
  }
}

function interrupted(line: string): ToolError {
  return new ToolError({
    code: "interrupted",
    family: "interrupted",
    message: `interrupted while running ${line}`,
    remedy: "npm run bench",
  });
}
