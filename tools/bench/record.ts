// The record of the benchmarks: of each row the last run that was written, as docs/benchmarks.json and as the page docs/benchmarks.md:
// a table of all figures with ratios and verdicts, and what is known about the aims that are missed.
import { commitText, numbered, parseRows, type Circumstances } from "../shared/circumstances.ts";
import type { Result } from "./measure.ts";
import type { Figure, Row, Who } from "./row.ts";
import { verdictsOf, type Verdict } from "./verdict.ts";

/** A result without what the code says of its row, and where and of what it is. */
export interface RecordedResult extends Omit<Result, "row"> {
  readonly row: string;
  readonly circumstances: Circumstances;
}

/** Notes by the name of their row: the profile behind a missed aim, and what would change it. */
export type Notes = ReadonlyMap<string, string>;

/** The record with the results of a run in the place of what was there of their rows, in the order of `rows`. */
export function withRun(
  earlier: readonly RecordedResult[],
  results: readonly Result[],
  circumstances: Circumstances,
  rows: readonly Row[],
): RecordedResult[] {
  const measured = results.map((result) => ({ ...result, row: result.row.name, circumstances }));
  const again = new Set(measured.map(({ row }) => row));
  const all = [...earlier.filter(({ row }) => !again.has(row)), ...measured];
  return rows.flatMap(({ name }) => all.filter(({ row }) => row === name));
}

export function dataOf(recorded: readonly RecordedResult[]): string {
  return `${JSON.stringify(recorded, undefined, 2)}\n`;
}

/** Reads what {@link dataOf} wrote; `path` is for the error. */
export function parseRecord(text: string, path: string): RecordedResult[] {
  return parseRows(text, path, isRecorded);
}

export function pageOf(recorded: readonly RecordedResult[], rows: readonly Row[], notes: Notes): string {
  const runs = numbered(recorded.map(runOf));
  const entries = recorded.flatMap((entry) => {
    const row = rows.find(({ name }) => name === entry.row);
    return row === undefined ? [] : [{ result: { ...entry, row }, run: runs.numberOf(runOf(entry)) }];
  });
  const lines = entries.flatMap(({ result, run }) =>
    result.row.figures.map((figure) => `${lineOf(result, figure)} ${run} |`),
  );
  const parts = [
    "# Benchmarks",
    "Written by `npm run bench -- --write`; with `--row <name>` as well, one row is measured again and the others stand as they were.",
    "Ours, the published runtime 1.0.0-preview.3.2 and the floor (the same bytes over raw sockets, over quinn as it comes, or in the " +
      "plainest Rust) run in turn in one run, all in the release profile; every number is the median of its rounds. Absolute values " +
      "depend on the machine, ratios much less: they are what the aims are about.",
    [`${columns} run |`, `${rule} --- |`, ...lines].join("\n"),
    runs.list.join("\n"),
    ...notesOf(
      entries.map(({ result }) => result),
      notes,
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

const columns = "| what | CPUs | ours | published | floor | ratio and aim |";
const rule = "| --- | --- | --- | --- | --- | --- |";

function runOf({ circumstances }: RecordedResult): string {
  const { date, machine } = circumstances;
  return `Commit ${commitText(circumstances)}, ${date}, ${machine}.`;
}

function isRecorded(value: unknown): value is RecordedResult {
  const entry = value as RecordedResult | null;
  const texts = [entry?.row, entry?.placement, entry?.circumstances?.commit];
  return texts.every((text) => typeof text === "string") && typeof entry?.medians === "object";
}

export function tableOf(results: readonly Result[]): string {
  const lines = results.flatMap((result) => result.row.figures.map((figure) => lineOf(result, figure)));
  return [columns, rule, ...lines].join("\n");
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
