// Wrong arguments are refused with the option that was meant, or with the line that tells all.
import { Command, Option } from "commander";
import { expect, test } from "vitest";
import { ToolError } from "./errors.ts";
import { parseOrHelp } from "./usage-error.ts";

function command(): Command {
  return new Command("npx tsx tools/sieve.ts")
    .argument("<path>")
    .option("--offline")
    .addOption(new Option("--format <format>").choices(["table", "json"]))
    .configureOutput({ writeOut: () => undefined });
}

function refusal(...args: readonly string[]): unknown {
  try {
    return parseOrHelp(command(), args);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return [error.code, error.exitCode, error.message, error.remedy];
  }
}

test("what is right is taken, and help is no error", () => {
  expect(refusal("a", "--offline")).toBeUndefined();
  expect(refusal("--help")).toBe(0);
});

test("an unknown option is refused with the nearest one", () => {
  expect(refusal("a", "--offlien")).toEqual([
    ...["unknown-option", 2, "unknown option '--offlien'", "did you mean --offline?"],
  ]);
});

test("where nothing is near, the remedy is the line that prints the help", () => {
  const help = "npx tsx tools/sieve.ts --help";
  expect(refusal("a", "--zebra")).toEqual(["unknown-option", 2, "unknown option '--zebra'", help]);
  expect(refusal()).toEqual(["missing-argument", 2, "missing required argument 'path'", help]);
  expect(refusal("a", "--format", "pdf")).toEqual([
    "invalid-argument",
    2,
    "option '--format <format>' argument 'pdf' is invalid. Allowed choices are table, json.",
    help,
  ]);
});
