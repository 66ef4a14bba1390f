// How long each step of each target took the last time it ran, kept for this user, to estimate the next run.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Step } from "../shared/progress.ts";

export interface Durations {
  expected(triple: string, step: Step): number | undefined;
  record(triple: string, step: Step, seconds: number): void;
}

export interface StoredDurations extends Durations {
  /** Of a whole run with so many targets side by side; undefined where one of them has never run. */
  expectedRun(triples: readonly string[], steps: readonly Step[], parallel: number): number | undefined;
  save(): void;
}

/** `file` may be deleted at any time; `kind` keeps what is not comparable apart, e.g. the profile. */
export function storedDurations(file: string, kind: string): StoredDurations {
  const known = new Map(Object.entries(readStore(file)));
  const fresh = new Map<string, number>();
  const nameOf = (triple: string, step: Step): string => `${kind} ${triple} ${step}`;
  const expected = (triple: string, step: Step): number | undefined =>
    fresh.get(nameOf(triple, step)) ?? known.get(nameOf(triple, step));
  return {
    expected,
    record: (triple, step, seconds) => void fresh.set(nameOf(triple, step), seconds),
    expectedRun: (triples, steps, parallel) => {
      const all = triples.map((triple) => targetSeconds(steps.map((step) => expected(triple, step))));
      if (all.length === 0 || all.includes(undefined)) return undefined;
      return packedSeconds(all as number[], parallel);
    },
    save: () => {
      if (fresh.size > 0) writeStore(file, fresh);
    },
  };
}

/** A step that is too quick to count may never have been recorded; a target without its build has not run. */
function targetSeconds(steps: readonly (number | undefined)[]): number | undefined {
  return steps.every((seconds) => seconds === undefined)
    ? undefined
    : steps.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
}

/** As the pool does it: each target goes to the worker that is free first. */
function packedSeconds(targets: readonly number[], parallel: number): number {
  const workers = Array.from({ length: Math.max(1, parallel) }, () => 0);
  for (const seconds of targets) {
    const free = workers.indexOf(Math.min(...workers));
    workers[free] = (workers[free] ?? 0) + seconds;
  }
  return Math.max(...workers);
}

/** Read again before it is written: another checkout of this user may have written meanwhile. */
function writeStore(file: string, fresh: ReadonlyMap<string, number>): void {
  const all = { ...readStore(file), ...Object.fromEntries(fresh) };
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(unfinished, `${JSON.stringify(all)}\n`);
    renameSync(unfinished, file);
  } catch {
    // Without it the next run has no estimate; that is no reason for this one to fail.
  }
}

function readStore(file: string): Readonly<Record<string, number>> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof content !== "object" || content === null) return {};
    const isDuration = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === "number";
    return Object.fromEntries(Object.entries(content).filter(isDuration));
  } catch {
    return {};
  }
}
