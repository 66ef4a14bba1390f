// Whether a figure is what it should be: the ratio to another's of the same run, against the aim.
import type { Result } from "./measure.ts";
import type { Aim, Figure } from "./row.ts";

export interface Verdict {
  readonly aim: Aim;
  /** The ratio, or the figure itself. */
  readonly value: number;
  readonly met: boolean;
}

/** One for each aim; none for one whose other side was not measured. */
export function verdictsOf(result: Result, figure: Figure): Verdict[] {
  const ours = result.medians.ours?.[figure.key];
  if (ours === undefined) return [];
  return figure.aims.flatMap((aim) => {
    const other = aim.against === "itself" ? 1 : result.medians[aim.against]?.[figure.key];
    if (other === undefined) return [];
    const value = ours / other;
    return { aim, value, met: aim.bound === "at least" ? value >= aim.value : value <= aim.value };
  });
}
