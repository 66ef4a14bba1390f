// Rows in which messages go to an echo and back, over one connection.
import { contestant, type Exchange } from "./peers.ts";
import type { Figure, Row, Who } from "./row.ts";

export interface ExchangeRow extends Exchange {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly who?: readonly Who[];
}

/** Ours, the published runtime and the floor in turn, each a process for the server and one for each call. */
export function exchangeRow({ name, title, figures, who, ...exchange }: ExchangeRow): Row {
  const contestants = (who ?? (["ours", "published", "floor"] as const)).map(
    (one) =>
      [
        one,
        (surroundings: Parameters<typeof contestant>[2]) => contestant(one, exchange, surroundings),
      ] as const,
  );
  return { name, title, figures, contestants: Object.fromEntries(contestants) };
}
