// The command line of the benchmarks.
import { expect, test } from "vitest";
import { parseOptions, select } from "./options.ts";
import { rows } from "./rows.ts";

test("without arguments every row is measured and nothing is written", () => {
  const options = parseOptions([]);
  expect([options.write, options.quick, options.json]).toEqual([false, false, false]);
  expect(select(rows, options.only)).toBe(rows);
});

test("rows are chosen by name, and an unknown name lists the known ones", () => {
  const chosen = select(rows, parseOptions(["--row", "tcp-small", "--row", "crowd"]).only);
  expect(chosen.map(({ name }) => name)).toEqual(["tcp-small", "crowd"]);
  expect(() => select(rows, ["tcp-smal"])).toThrow(/tcp-small, .*crowd/);
});

test("what a quick run yields cannot be written", () => {
  expect(() => parseOptions(["--quick", "--write"])).toThrow(/--quick/);
});

test("each row has a name of its own and a figure", () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  expect(rows.filter(({ figures }) => figures.length === 0)).toEqual([]);
});
