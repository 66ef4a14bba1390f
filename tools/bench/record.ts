// The page of the benchmarks: one table of all figures with ratios and verdicts, and what is known about the aims that are missed.
import type { Result } from "./measure.ts";
import type { Figure, Who } from "./row.ts";
import { verdictsOf, type Verdict } from "./verdict.ts";

/** Where and of what the numbers are. */
export interface Circumstances {
  readonly commit: string;
  /** The tree differed from the commit. */
  readonly changed: boolean;
  readonly machine: string;
  readonly date: string;
  readonly command: string;
}

/** Notes by the name of their row: the profile behind a missed aim, and what would change it. */
export type Notes = ReadonlyMap<string, string>;

export function recordOf(results: readonly Result[], where: Circumstances, notes: Notes): string {
  const state = where.changed ? " with changes" : "";
  const parts = [
    "# Benchmarks",
    `Written by \`${where.command}\` on ${where.date}: commit ${where.commit}${state}, ${where.machine}.`,
    "Ours, the published runtime 1.0.0-preview.3.2 and the floor (the same bytes over raw sockets, over quinn as it comes, or in the " +
      "plainest Rust) run in turn in one run, all in the release profile; every number is the median of its rounds. Absolute values " +
      "depend on the machine, ratios much less: they are what the aims are about.",
    tableOf(results),
    ...notesOf(results, notes),
  ];
  return `${parts.join("\n\n")}\n`;
}

export function tableOf(results: readonly Result[]): string {
  const lines = results.flatMap((result) => result.row.figures.map((figure) => lineOf(result, figure)));
  const head = [
    "| what | CPUs | ours | published | floor | ratio and aim |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  return [...head, ...lines].join("\n");
}

export function lineOf(result: Result, figure: Figure): string {
  const title = figure.title === "" ? result.row.title : `${result.row.title}: ${figure.title}`;
  const cell = (who: Who): string => {
    const value = result.medians[who]?.[figure.key];
    return value === undefined ? "–" : `${format(value)}${figure.unit === "" ? "" : ` ${figure.unit}`}`;
  };
  const verdicts = verdictsOf(result, figure).map(verdictText);
  const cells = [
    title,
    result.placement,
    cell("ours"),
    cell("published"),
    cell("floor"),
    verdicts.join("; ") || "–",
  ];
  return `| ${cells.join(" | ")} |`;
}

function verdictText({ aim, value, met }: Verdict): string {
  const sign = aim.bound === "at least" ? "≥" : "≤";
  if (aim.against === "itself") return `${sign} ${aim.value}: ${met ? "met" : "**missed**"}`;
  return `${value.toFixed(2)} × ${aim.against}, aim ${sign} ${aim.value}: ${met ? "met" : "**missed**"}`;
}

function notesOf(results: readonly Result[], notes: Notes): string[] {
  const missed = new Set(
    results
      .filter((result) =>
        result.row.figures.some((figure) => verdictsOf(result, figure).some(({ met }) => !met)),
      )
      .map((result) => result.row.name),
  );
  const named = [...missed].map((name) => {
    const title = results.find((result) => result.row.name === name)?.row.title ?? name;
    return `### ${title}\n\n${notes.get(name)?.trim() ?? "Nothing is known about it yet."}`;
  });
  return named.length === 0 ? [] : ["## Aims that are missed", ...named];
}

function format(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
