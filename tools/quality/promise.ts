// One promise of the repository: a command, and how its output is counted.
import type { Command, Exit } from "../shared/process.ts";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface KeptPromise {
  /** What is promised, in a few words. */
  readonly name: string;
  readonly command: Command;
  /** Line that mends a broken promise, or shows more. */
  readonly remedy: string;
  /** Tests counted from the output; without it the promise itself counts as one. */
  readonly count?: (exit: Exit) => Counts;
}

/** Sum of every "test result:" line that cargo prints. */
export function countCargo(exit: Exit): Counts {
  const lines = [...exit.stdout.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm)];
  const sum = (group: number): number => lines.reduce((total, match) => total + Number(match[group]), 0);
  return { passed: sum(1), failed: sum(2), skipped: sum(3) };
}

/** The "Tests" line of vitest's summary, colours removed. */
export function countVitest(exit: Exit): Counts {
  const plain = exit.stdout.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");
  const line = /^\s*Tests\s+(.*)$/m.exec(plain)?.[1] ?? "";
  const number = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: number("passed"), failed: number("failed"), skipped: number("skipped") + number("todo") };
}

/** A promise without tests of its own counts as one test. */
export function countSelf(exit: Exit): Counts {
  return exit.code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}
