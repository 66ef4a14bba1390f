// The page says what was measured, against whom, and what is known where an aim is missed.
import { expect, test } from "vitest";
import { median, type Result } from "./measure.ts";
import { lineOf, recordOf } from "./record.ts";
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

const where = { commit: "abc", changed: false, machine: "m", date: "d", command: "npm run bench -- --write" };

test("a missed aim brings its note onto the page, a met one does not", () => {
  const missed = result(rate, { ours: { per_second: 1 }, published: { per_second: 1 } });
  const met = result(rate, { ours: { per_second: 10 }, published: { per_second: 1 } });
  const notes = new Map([["some-row", "The profile shows it.\n"]]);
  expect(recordOf([missed], where, notes)).toContain("### some row\n\nThe profile shows it.");
  expect(recordOf([met], where, notes)).not.toContain("The profile shows it.");
});

test("the median of five is the third, however they come", () => {
  expect(median([9, 1, 5, 3, 7])).toBe(5);
});
