// Rows in which a program measures itself and prints a value.
import { call } from "./peers.ts";
import type { Row, Surroundings, Who } from "./row.ts";
import type { Programs } from "./programs.ts";

export type ProgramRow = Pick<Row, "name" | "title" | "figures"> & {
  readonly programs: Readonly<
    Partial<Record<Who, (programs: Programs, quick: boolean) => readonly string[]>>
  >;
};

/** Nothing here crosses a CPU, so one is enough. */
export function programRow({ programs, ...row }: ProgramRow): Row {
  const contestants = Object.entries(programs).map(([who, words]) => [
    who,
    (surroundings: Surroundings) =>
      Promise.resolve({
        measure: () => call(words(surroundings.programs, surroundings.quick), surroundings),
        stop: () => Promise.resolve(),
      }),
  ]);
  return {
    ...row,
    placements: ["one CPU"],
    contestants: Object.fromEntries(contestants) as Row["contestants"],
  };
}
