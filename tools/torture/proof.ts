// One heavy proof: what it shows, the command at a scale, what that needs, and what its output says it counted.
import type { Command, Exit } from "../shared/process.ts";

/** Share of the full size, above 0; 1 is full. */
export type Scale = number;

/** Something that a proof needs and a machine may lack. */
export interface Need {
  /** Ends with 0 where it is there. */
  readonly probe: Command;
  /** The line that installs it. */
  readonly install: string;
}

export interface Proof {
  /** Short, for `--only`. */
  readonly name: string;
  /** What holds when it passes, in a few words. */
  readonly promise: string;
  command(scale: Scale): Command;
  readonly needs: readonly Need[];
  /** What was counted, from the output of a run that passed; undefined if there is nothing, which is a failure. */
  counted(exit: Exit): string | undefined;
}

export type Verdict = "passed" | "failed" | "skipped";

export interface Outcome {
  readonly proof: Proof;
  readonly command: Command;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** What was counted, why it failed, or the line that installs what is missing. */
  readonly detail: string;
}

/** A command as a line for a shell. */
export function commandLine(command: Command): string {
  const variables = Object.entries(command.env ?? {}).map(
    ([name, value]) => `${name}=${quoted(value ?? "")}`,
  );
  return [...variables, command.program, ...command.args.map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
