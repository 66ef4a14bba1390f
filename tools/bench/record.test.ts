// The page says what was measured, against whom, and what is known where an aim is missed.
import { expect, test } from "vitest";
import { median, type Result } from "./measure.ts";
import { dataOf, lineOf, pageOf, parseRecord, withRun } from "./record.ts";
import { atLeast, atMost, type Figure, type Measured, type Who } from "./row.ts";
import { verdictsOf } from "./verdict.ts";

function result(figure: Figure, medians: Partial<Record<Who, Measured>>): Result {
  const row = { name: "some-row", title: "some row", figures: [figure], contestants: {} };
  return { row, placement: "one CPU", rounds: 5, medians };
}

const rate: Figure = { key: "per_second", title: "", unit: "/s", aims: [atLeast(10, "published")] };
const time: Figure = {
  key: "p50_us",
  title: "p50",
  unit: "µs",
  aims: [atMost(1.5, "floor"), atMost(30, "itself")],
};

test("a rate is met from its ratio on, and missed below it", () => {
  const measured = (ours: number): Result =>
    result(rate, { ours: { per_second: ours }, published: { per_second: 100 } });
  expect(verdictsOf(measured(1000), rate)).toEqual([{ aim: rate.aims[0], value: 10, met: true }]);
  expect(verdictsOf(measured(999), rate)[0]?.met).toBe(false);
});

test("a time is judged against the floor and against itself", () => {
  const measured = result(time, { ours: { p50_us: 31 }, floor: { p50_us: 31 } });
  expect(verdictsOf(measured, time).map(({ met }) => met)).toEqual([true, false]);
  expect(lineOf(measured, time)).toBe(
    "| some row: p50 | one CPU | 31.00 µs | – | 31.00 µs | 1.00 × floor, aim ≤ 1.5: met; ≤ 30: **missed** |",
  );
});

test("an aim against somebody who was not measured gets no verdict", () => {
  expect(verdictsOf(result(rate, { ours: { per_second: 1 } }), rate)).toEqual([]);
});

const where = { commit: "abc", changed: false, machine: "m", date: "d" };
const rowOf = ({ row }: Result): Result["row"] => row;

test("a missed aim brings its note onto the page, a met one does not", () => {
  const missed = result(rate, { ours: { per_second: 1 }, published: { per_second: 1 } });
  const met = result(rate, { ours: { per_second: 10 }, published: { per_second: 1 } });
  const notes = new Map([["some-row", "The profile shows it.\n"]]);
  const page = (measured: Result): string => {
    const rows = [rowOf(measured)];
    return pageOf(withRun([], [measured], where, rows), rows, notes);
  };
  expect(page(missed)).toContain("### some row\n\nThe profile shows it.");
  expect(page(met)).not.toContain("The profile shows it.");
});

test("a row that is measured again takes its own place and leaves the others with their runs", () => {
  const named = (name: string, value: number): Result => {
    const measured = result(rate, { ours: { per_second: value } });
    return { ...measured, row: { ...measured.row, name, title: name } };
  };
  const rows = [named("a", 0), named("b", 0)].map(rowOf);
  const first = withRun([], [named("b", 2), named("a", 1), named("gone", 9)], where, rows);
  const second = withRun(first, [named("a", 3)], { ...where, commit: "def", changed: true }, rows);
  const page = pageOf(parseRecord(dataOf(second), "x"), rows, new Map());
  expect(page).toContain(
    "| a | one CPU | 3.00 /s | – | – | – | 1 |\n| b | one CPU | 2.00 /s | – | – | – | 2 |",
  );
  expect(page).toContain("1. Commit def with changes on top, d, m.\n2. Commit abc, d, m.");
});

test.each(["", "{}", "[null]", '[{"row":"a"}]'])(
  "a record that reads %j is refused with its path",
  (text) => {
    expect(() => parseRecord(text, "docs/benchmarks.json")).toThrow(/docs\/benchmarks.json is not a record/);
  },
);

test("the median of five is the third, however they come", () => {
  expect(median([9, 1, 5, 3, 7])).toBe(5);
});
