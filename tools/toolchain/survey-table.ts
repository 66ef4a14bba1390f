// The survey as a table for people: one row a target, below it what is missing and how to come by it.
import { costText } from "./install-cost.ts";
import type { Found, Missing, SurveyRow } from "./survey.ts";

export function surveyTable(rows: readonly SurveyRow[]): string {
  const width = Math.max("target".length, ...rows.map(({ triple }) => triple.length));
  const indent = " ".repeat(width + "  blocked  ".length);
  const line = (triple: string, state: string, text: string): string =>
    `${triple.padEnd(width)}  ${state.padEnd("blocked".length)}  ${text}`;
  return [
    line("target", "state", "found"),
    ...rows.flatMap(({ triple, state, found, missing }) => [
      line(triple, state, found.map(foundText).join(", ")),
      ...missing.flatMap((part) => missingLines(part).map((text) => indent + text)),
    ]),
    "",
    totals(rows),
  ].join("\n");
}

function foundText({ what, version }: Found): string {
  return version === "" ? what : `${what} ${version}`;
}

function missingLines({ what, effect, why, install, cost }: Missing): string[] {
  const price = cost === undefined ? "" : `  (${costText(cost)})`;
  return [`missing ${what}, ${effect}: ${why}`, `  ${install}${price}`];
}

function totals(rows: readonly SurveyRow[]): string {
  const count = (state: SurveyRow["state"]): number => rows.filter((row) => row.state === state).length;
  return `${count("ready")} ready, ${count("fetches")} after fetching, ${count("blocked")} blocked`;
}
