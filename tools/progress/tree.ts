// Progress as a live tree on a terminal: a line for each running target with its step, time and last output.
import type { ProgressEvent, ProgressSink } from "../shared/progress.ts";
import { formatSeconds } from "./format.ts";
import { describe } from "./lines.ts";

export interface Terminal {
  readonly columns: number;
  write(text: string): void;
}

export interface LiveProgress extends ProgressSink {
  /** Removes the live lines; what follows is printed below the finished ones. */
  close(): void;
}

interface Running {
  readonly startedAt: number;
  step: string;
  stepStartedAt: number;
  done: string[];
  line: string;
}

const frames = ["|", "/", "-", "\\"];
const redrawEveryMs = 150;

export function treeProgress(terminal: Terminal, now: () => number = () => performance.now()): LiveProgress {
  const running = new Map<string, Running>();
  let drawn = 0;
  let frame = 0;
  const erase = (): void => {
    if (drawn > 0) terminal.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    erase();
    const lines = [...running].map(([triple, state]) =>
      runningLine(triple, state, now(), frames[frame % frames.length] ?? ""),
    );
    for (const line of lines) terminal.write(`${line.slice(0, terminal.columns - 1)}\n`);
    drawn = lines.length;
  };
  const print = (text: string): void => {
    erase();
    terminal.write(`${text}\n`);
    draw();
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, redrawEveryMs);
  timer.unref();
  return {
    emit: (event) => {
      update(running, event, now());
      const text = printed(event);
      if (text !== undefined) print(text);
    },
    close: () => {
      clearInterval(timer);
      erase();
    },
  };
}

function update(running: Map<string, Running>, event: ProgressEvent, at: number): void {
  if (!("triple" in event) || event.type === "plan") return;
  const state = running.get(event.triple) ?? {
    startedAt: at,
    step: "",
    stepStartedAt: at,
    done: [],
    line: "",
  };
  running.set(event.triple, state);
  if (event.type === "step-started") Object.assign(state, { step: event.step, stepStartedAt: at, line: "" });
  if (event.type === "step-line") state.line = event.line.trim();
  if (event.type !== "step-finished") return;
  state.done.push(event.step);
  // A target is over with its last step, or with the first that failed.
  if (!event.ok || event.step === "smoke") running.delete(event.triple);
}

function runningLine(triple: string, state: Running, at: number, frame: string): string {
  const done = state.done.length === 0 ? "" : ` ${state.done.join(" > ")} >`;
  const seconds = formatSeconds((at - state.stepStartedAt) / 1000);
  return ` ${frame} ${triple}${done} ${state.step} ${seconds}  ${state.line}`;
}

/** Above the live lines stay: what was fetched, failures, and each target's end. */
function printed(event: ProgressEvent): string | undefined {
  if (event.type === "fetch" || event.type === "note") return describe(event);
  if (event.type === "step-finished" && (!event.ok || event.step === "smoke")) return describe(event);
  return undefined;
}
