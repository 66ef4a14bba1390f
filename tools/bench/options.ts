// The command line of `npm run bench`.
import { parseArgs } from "node:util";
import { parsedOr, wrongArguments } from "../shared/wrong-arguments.ts";
import type { Row } from "./row.ts";

const help = "npm run bench -- --help";

export interface BenchOptions {
  /** Names of rows; none means all. */
  readonly only: readonly string[];
  /** Tiny counts in the debug profile: whether the rows work. */
  readonly quick: boolean;
  /** Record what was measured in docs/benchmarks.json and docs/benchmarks.md. */
  readonly write: boolean;
  readonly json: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

export const manual = `npm run bench -- [--row <name>]... [--write] [--json] [--quick] [--list]

Runs ours, the published runtime and the floor in turn, once on one CPU and once free, and compares the medians with the aims.
--write records the rows that were measured in docs/benchmarks.json and docs/benchmarks.md. --json prints the figures as one JSON object. --quick uses tiny counts and the debug profile: it
shows that the rows work, and its numbers mean nothing. About ten minutes for all rows.

Exit codes: 0 measured, whatever the verdicts, 1 a program failed, 2 wrong arguments, 130 interrupted.`;

export function parseOptions(args: readonly string[]): BenchOptions {
  const values = valuesOf(args);
  const quick = values.quick ?? false;
  const write = values.write ?? false;
  if (quick && write) throw wrongArguments("--quick measures nothing that could be written", help);
  return {
    only: values.row ?? [],
    quick,
    write,
    json: values.json ?? false,
    list: values.list ?? false,
    help: values.help ?? false,
  };
}

export function select(rows: readonly Row[], only: readonly string[]): readonly Row[] {
  const unknown = only.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined) {
    throw wrongArguments(
      `no row is named "${unknown}"; there are ${rows.map((row) => row.name).join(", ")}`,
      help,
    );
  }
  return only.length === 0 ? rows : rows.filter((row) => only.includes(row.name));
}

function valuesOf(args: readonly string[]) {
  const config = {
    args: [...args],
    options: {
      row: { type: "string", multiple: true },
      quick: { type: "boolean" },
      write: { type: "boolean" },
      json: { type: "boolean" },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  } as const;
  return parsedOr(() => parseArgs(config).values, help);
}
