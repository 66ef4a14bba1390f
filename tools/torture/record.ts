// The record of a run as the Markdown of docs/torture.md.
import { commandLine, type Outcome, type Scale } from "./proof.ts";

export interface Surroundings {
  readonly commit: string;
  /** Whether files differed from the commit. */
  readonly changed: boolean;
  readonly machine: string;
  readonly date: string;
  readonly scale: Scale;
}

export function recordOf(outcomes: readonly Outcome[], surroundings: Surroundings): string {
  const commit = `${surroundings.commit}${surroundings.changed ? " with changes on top" : ""}`;
  return [
    "# Torture",
    "",
    `Written by \`npm run torture\`, which runs every heavy proof; \`npm run torture -- --scale 0.01\` is the hundredth of it that`,
    "continuous integration runs. A proof that is not in the table took no part in this run.",
    "",
    `Commit ${commit}, ${surroundings.date}, scale ${surroundings.scale}, on ${surroundings.machine}.`,
    "",
    "| proof | what it shows | verdict | counted | seconds |",
    "| --- | --- | --- | --- | --- |",
    ...outcomes.map(row),
    "",
    "The commands:",
    "",
    "```",
    ...outcomes.map((outcome) => commandLine(outcome.command)),
    "```",
    "",
  ].join("\n");
}

function row({ proof, verdict, detail, seconds }: Outcome): string {
  return `| ${proof.name} | ${cell(proof.promise)} | ${verdict} | ${cell(detail)} | ${Math.round(seconds)} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
