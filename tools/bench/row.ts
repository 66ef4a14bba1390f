// A row of the benchmarks as data: what is measured of whom, which figures come out, and what they should be.
import type { Programs } from "./programs.ts";

/** Who is measured in turn. The floor is what nobody can do without, named by its row. */
export type Who = "ours" | "published" | "floor";

/** A demand on a ratio of ours to another's figure of the same run, or on ours itself. */
export interface Aim {
  readonly against: Who | "itself";
  readonly bound: "at least" | "at most";
  readonly value: number;
}

export interface Figure {
  /** Name in what a measurement yields. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly aims: readonly Aim[];
}

/** Where programs run: all on one CPU, or wherever the system wants. */
export interface Placement {
  readonly name: "one CPU" | "free";
  /** Words before each command line. */
  readonly prefix: readonly string[];
}

export interface Surroundings {
  readonly programs: Programs;
  readonly placement: Placement;
  /** A folder for the files of this run. */
  readonly folder: string;
  /** Tiny counts: whether the row works, not how fast. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
}

export type Measured = Readonly<Record<string, number>>;

/** One of those measured, ready: its server runs, if it has one. */
export interface Contestant {
  measure(): Promise<Measured>;
  stop(): Promise<void>;
}

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Placements other than both, for rows to which they make no difference. */
  readonly placements?: readonly Placement["name"][];
  /** Rounds; 5 unless a round takes long or its figure does not vary. */
  readonly rounds?: number;
  readonly contestants: Readonly<Partial<Record<Who, (surroundings: Surroundings) => Promise<Contestant>>>>;
}

export const atLeast = (value: number, against: Aim["against"]): Aim => ({
  against,
  bound: "at least",
  value,
});
export const atMost = (value: number, against: Aim["against"]): Aim => ({ against, bound: "at most", value });
