// Progress as a live tree on a terminal: the run, below it each running target with its step, time, estimate and output.
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

interface RunState {
  startedAt: number;
  targets: number;
  finished: number;
  failed: number;
  expectedSeconds: number | undefined;
}

interface TargetState {
  readonly startedAt: number;
  step: string;
  stepStartedAt: number;
  expectedSeconds: number | undefined;
  readonly done: string[];
  line: string;
}

interface State {
  readonly run: RunState;
  readonly running: Map<string, TargetState>;
}

const redrawEveryMs = 150;

export function treeProgress(terminal: Terminal, now: () => number = () => performance.now()): LiveProgress {
  const state: State = {
    run: { startedAt: now(), targets: 0, finished: 0, failed: 0, expectedSeconds: undefined },
    running: new Map(),
  };
  let drawn = 0;
  const erase = (): void => {
    if (drawn > 0) terminal.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    erase();
    const lines = treeLines(state, now()).map((line) => line.slice(0, Math.max(0, terminal.columns - 1)));
    for (const line of lines) terminal.write(`${line}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, redrawEveryMs);
  timer.unref();
  return {
    emit: (event) => {
      update(state, event, now());
      const text = printed(event);
      if (text === undefined) return;
      erase();
      terminal.write(`${text}\n`);
      draw();
    },
    close: () => {
      clearInterval(timer);
      erase();
    },
  };
}

function update({ run, running }: State, event: ProgressEvent, at: number): void {
  switch (event.type) {
    case "run-started":
      Object.assign(run, {
        ...{ startedAt: at, targets: event.triples.length, expectedSeconds: event.expectedSeconds },
      });
      return;
    case "step-started": {
      const target = running.get(event.triple) ?? newTarget(at);
      running.set(event.triple, target);
      Object.assign(target, {
        ...{ step: event.step, stepStartedAt: at, expectedSeconds: event.expectedSeconds, line: "" },
      });
      return;
    }
    case "step-line": {
      const target = running.get(event.triple);
      if (target !== undefined) target.line = event.line.trim();
      return;
    }
    case "step-finished":
      running.get(event.triple)?.done.push(event.step);
      return;
    case "target-finished":
      running.delete(event.triple);
      run.finished += 1;
      if (!event.ok) run.failed += 1;
      return;
    case "plan":
    case "fetch":
    case "note":
  }
}

function newTarget(at: number): TargetState {
  return { startedAt: at, step: "", stepStartedAt: at, expectedSeconds: undefined, done: [], line: "" };
}

function treeLines({ run, running }: State, at: number): string[] {
  if (running.size === 0) return [];
  const targets = [...running];
  const width = Math.max(...targets.map(([triple]) => triple.length));
  const rows = targets.map(([triple, target], index) => {
    const branch = index === targets.length - 1 ? "└─" : "├─";
    return `${branch} ${triple.padEnd(width)}  ${stepText(target, at)}`;
  });
  return [runLine(run, at), ...rows];
}

function runLine({ startedAt, targets, finished, failed, expectedSeconds }: RunState, at: number): string {
  const count = targets === 0 ? "" : `${bar(finished, targets)} ${finished} of ${targets} targets`;
  const broken = failed === 0 ? "" : `, ${failed} FAILED`;
  const elapsed = (at - startedAt) / 1000;
  const rest =
    expectedSeconds === undefined
      ? ""
      : `, ${elapsed < expectedSeconds ? `about ${formatSeconds(expectedSeconds - elapsed)} left` : "longer than the last time"}`;
  return `${count}${broken}  ${formatSeconds(elapsed)}${rest}`.trimStart();
}

const barWidth = 20;

function bar(part: number, whole: number): string {
  const filled = Math.round((part / whole) * barWidth);
  return `[${"█".repeat(filled)}${"░".repeat(barWidth - filled)}]`;
}

function stepText({ done, step, stepStartedAt, expectedSeconds, line }: TargetState, at: number): string {
  const path = [...done, step].join(" › ");
  const seconds = formatSeconds((at - stepStartedAt) / 1000);
  const expected =
    expectedSeconds === undefined || expectedSeconds < 1 ? "" : ` of ~${formatSeconds(expectedSeconds)}`;
  return `${path}  ${seconds}${expected}  ${line}`.trimEnd();
}

/** Above the live lines stay: what was fetched, failures, and each target's end. */
function printed(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case "fetch":
    case "note":
      return describe(event);
    case "step-finished":
      return event.ok ? undefined : describe(event);
    case "target-finished":
      return `${event.ok ? "✓" : "✗"} ${event.triple}  ${formatSeconds(event.seconds)}`;
    default:
      return undefined;
  }
}
