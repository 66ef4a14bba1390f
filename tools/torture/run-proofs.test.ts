// Proofs that pass say what they counted; a silent, missing or broken one is told apart, and the record shows all of it.
import { expect, test } from "vitest";
import type { Command, Exit, Process } from "../shared/process.ts";
import { countedFiles, countedInputs, countedLines, countedTests } from "./counted.ts";
import { parseOptions, select } from "./options.ts";
import { commandLine, type Proof } from "./proof.ts";
import { proofsOf } from "./proofs.ts";
import { dataOf, pageOf, parseRecord, withRun } from "./record.ts";
import { runProofs } from "./run-proofs.ts";

const ended = (command: Command, code: number, stdout: string): Exit => ({
  ...{ command, code, stdout, stderr: "", signal: null, timedOut: false, durationMs: 1500 },
});

/** Ends each program with the code and output that its name stands for. */
const stage: Process = {
  run: (command) =>
    Promise.resolve(ended(command, command.program === "good" ? 0 : 1, command.args.join(" "))),
};

const proof = (name: string, program: string, said: string, needed = "good"): Proof => ({
  ...{ name, promise: `${name} holds` },
  command: (scale) => ({ program, args: [said], env: { SCALE: String(scale) } }),
  needs: [{ probe: { program: needed, args: [] }, install: "apt-get install it" }],
  counted: (exit) => (exit.stdout === "" ? undefined : exit.stdout),
});

const run = (proofs: readonly Proof[]) => {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const options = { root: "/", scale: 0.5, signal, progress: () => undefined };
  return runProofs(proofs, stage, { ...options, print: (line) => void lines.push(line) });
};

test("a proof passes only if it ends well and has counted something", async () => {
  const outcomes = await run([
    proof("a", "good", "7 cases"),
    proof("b", "good", ""),
    proof("c", "bad", "7 cases"),
  ]);
  expect(outcomes.map(({ verdict, detail }) => [verdict, detail])).toEqual([
    ["passed", "7 cases"],
    ["failed", "ended well but counted nothing"],
    ["failed", "exit code 1"],
  ]);
});

test("a proof whose tool is missing is skipped with the line that installs it", async () => {
  const [outcome] = await run([proof("a", "good", "7 cases", "absent")]);
  expect(outcome).toMatchObject({ verdict: "skipped", detail: "needs: apt-get install it" });
});

const surroundings = { commit: "abc", changed: true, machine: "4 × it", date: "2000-01-01", scale: 0.5 };

test("the record names run, verdict, count and command of each proof", async () => {
  const outcomes = await run([proof("a", "good", "7 cases | 1 s")]);
  const page = pageOf(withRun([], outcomes, surroundings, ["a"]));
  expect(page).toContain("1. Commit abc with changes on top, 2000-01-01, scale 0.5, on 4 × it.");
  expect(page).toContain("| a | a holds | passed | 7 cases \\| 1 s | 2 | 1 |");
  expect(page).toContain("SCALE=0.5 good '7 cases | 1 s'");
});

test("a run of one proof takes its place in the record and leaves the others with their runs", async () => {
  const names = ["a", "b"];
  const outcomes = await run([
    proof("b", "good", "1 case"),
    proof("a", "bad", ""),
    proof("gone", "good", "x"),
  ]);
  const first = withRun([], outcomes, surroundings, names);
  const later = { ...surroundings, commit: "def", changed: false };
  const second = withRun(first, await run([proof("a", "good", "2 cases")]), later, names);
  expect(second.map(({ name, verdict, surroundings: { commit } }) => [name, verdict, commit])).toEqual([
    ["a", "passed", "def"],
    ["b", "passed", "abc"],
  ]);
  expect(parseRecord(dataOf(second), "x")).toEqual(second);
  expect(pageOf(second)).toContain("| b | b holds | passed | 1 case | 2 | 2 |");
});

test.each(["", "{}", "[null]", '[{"name":"a"}]'])(
  "a record that reads %j is refused with its path",
  (text) => {
    expect(() => parseRecord(text, "docs/torture.json")).toThrow(
      /docs\/torture.json is not a record of runs/,
    );
  },
);

test("every proof at any scale is a command of its own", () => {
  for (const scale of [0.001, 0.01, 1, 10]) {
    const lines = proofsOf(["decode"]).map((each) => commandLine(each.command(scale)));
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.join("\n")).not.toContain("undefined");
  }
});

test("what the programs count is read from what they print", () => {
  const said = (text: string): Exit => ({ ...ended({ program: "x", args: [] }, 0, text), stderr: text });
  const tests =
    "test a ... counted: 10,000 connections\nok\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured";
  expect(countedTests(said(tests))).toBe("3 tests, 1 left out at this scale; 10,000 connections");
  expect(countedTests(said("test result: ok. 0 passed; 0 failed; 0 ignored"))).toBeUndefined();
  expect(countedInputs(said("Done 12345 runs in 61 second(s)"))).toBe("12,345 inputs in 61 s");
  expect(countedFiles(said("seed 1, 8 files: x\nseed 2, 3 files: x"))).toBe(
    "11 files damaged in 2 processes",
  );
  const total = "TOTAL  100  10  90.00%  50  5  90.00%  2000  100  95.00%  0  0  -";
  expect(countedLines(said(total))).toBe("95.00% of 2,000 lines");
  for (const count of [countedInputs, countedFiles, countedLines])
    expect(count(said("nothing"))).toBeUndefined();
});

test.each([
  ["--scale", "0"],
  ["--scale", "much"],
  ["--sacle", "1"],
])("%s %s is wrong usage", (...args) => {
  expect(() => parseOptions(args)).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
});

test("only a run of everything at full size writes the record unasked", () => {
  expect(parseOptions([]).write).toBe(true);
  expect(parseOptions(["--scale", "0.01"]).write).toBe(false);
  expect(parseOptions(["--only", "miri"]).write).toBe(false);
  expect(parseOptions(["--no-write"]).write).toBe(false);
  expect(parseOptions(["--scale", "0.01", "--write"]).write).toBe(true);
});

test("a name that no proof has is refused with the names there are", () => {
  expect(() => select(proofsOf([]), ["loon"])).toThrow(
    /properties, hostile, soak, churn, loom, races, interop/,
  );
});
