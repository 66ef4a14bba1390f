// Measures a row: everyone in turn, round by round, so that whatever else the machine does meets all of them.
import type { Contestant, Figure, Measured, Placement, Row, Surroundings, Who } from "./row.ts";

/** What one row has yielded in one placement: for each of those measured the median of each figure. */
export interface Result {
  readonly row: Row;
  readonly placement: Placement["name"];
  readonly rounds: number;
  readonly medians: Readonly<Partial<Record<Who, Measured>>>;
}

const usualRounds = 5;

export async function measureRow(row: Row, surroundings: Surroundings): Promise<Result> {
  const rounds = surroundings.quick ? 1 : (row.rounds ?? usualRounds);
  const contestants: [Who, Contestant][] = [];
  const samples = new Map<Who, Measured[]>();
  try {
    for (const [who, start] of Object.entries(row.contestants) as [
      Who,
      NonNullable<Row["contestants"][Who]>,
    ][]) {
      contestants.push([who, await start(surroundings)]);
      samples.set(who, []);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [who, contestant] of contestants) samples.get(who)?.push(await contestant.measure());
    }
  } finally {
    for (const [, contestant] of contestants) await contestant.stop();
  }
  const medians = Object.fromEntries(
    [...samples].map(([who, measured]) => [who, mediansOf(row.figures, measured)]),
  );
  return { row, placement: surroundings.placement.name, rounds, medians };
}

/** The figures that every sample has; others were not measured of this one. */
function mediansOf(figures: readonly Figure[], samples: readonly Measured[]): Measured {
  const medians: Record<string, number> = {};
  for (const { key } of figures) {
    const values = samples.map((sample) => sample[key]).filter((value) => value !== undefined);
    if (values.length === samples.length) medians[key] = median(values);
  }
  return medians;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
