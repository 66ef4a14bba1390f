// The command line of `npm run torture`.
import { parseArgs } from "node:util";
import { parsedOr, wrongArguments } from "../shared/wrong-arguments.ts";
import type { Proof, Scale } from "./proof.ts";

const help = "npm run torture -- --help";

export interface TortureOptions {
  readonly scale: Scale;
  /** Names of proofs; none means all. */
  readonly only: readonly string[];
  readonly list: boolean;
  readonly help: boolean;
  /** Record the run in docs/torture.json and docs/torture.md. */
  readonly write: boolean;
}

export const manual = `npm run torture -- [--scale <n>] [--only <proof>]... [--list] [--write | --no-write]

Runs the heavy proofs. --scale 0.01 runs a hundredth (default 1). A proof whose tool is missing is skipped, and the line that
installs the tool is shown. A run of all proofs at full size is recorded in docs/torture.md, and any with --write: it takes the
place of what was recorded of its proofs.

Exit codes: 0 nothing failed, 1 a proof failed, 2 wrong arguments, 130 interrupted.`;

export function parseOptions(args: readonly string[]): TortureOptions {
  const values = valuesOf(args);
  const scale = Number(values.scale ?? 1);
  if (!(scale > 0 && scale <= 100))
    throw wrongArguments(`--scale takes a number above 0 and up to 100, not "${values.scale}"`, help);
  const only = values.only ?? [];
  return {
    scale,
    only,
    list: values.list ?? false,
    help: values.help ?? false,
    write: values.write ?? (scale >= 1 && only.length === 0),
  };
}

export function select(proofs: readonly Proof[], only: readonly string[]): readonly Proof[] {
  const unknown = only.find((name) => !proofs.some((proof) => proof.name === name));
  if (unknown !== undefined) {
    const known = proofs.map((proof) => proof.name).join(", ");
    throw wrongArguments(`no proof is named "${unknown}"; there are ${known}`, help);
  }
  return only.length === 0 ? proofs : proofs.filter((proof) => only.includes(proof.name));
}

function valuesOf(args: readonly string[]) {
  const config = {
    args: [...args],
    allowNegative: true,
    options: {
      scale: { type: "string" },
      only: { type: "string", multiple: true },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
      write: { type: "boolean" },
    },
  } as const;
  return parsedOr(() => parseArgs(config).values, help);
}
