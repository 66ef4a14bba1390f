// The record of the proofs: of each the last run that was written, as docs/torture.json and as the page docs/torture.md.
import { commitText, numbered, parseRows, type Circumstances } from "../shared/circumstances.ts";
import { commandLine, type Outcome, type Scale } from "./proof.ts";

export interface Surroundings extends Circumstances {
  readonly scale: Scale;
}

/** A proof as it went in the run that `surroundings` describe. */
export interface RecordedProof {
  readonly name: string;
  readonly promise: string;
  readonly verdict: Outcome["verdict"];
  readonly detail: string;
  readonly seconds: number;
  readonly command: string;
  readonly surroundings: Surroundings;
}

/** The record with the outcomes of a run in the place of what was there of them, in the order of `names`. */
export function withRun(
  earlier: readonly RecordedProof[],
  outcomes: readonly Outcome[],
  surroundings: Surroundings,
  names: readonly string[],
): RecordedProof[] {
  const proofs = new Map(earlier.map((proof) => [proof.name, proof]));
  for (const outcome of outcomes) proofs.set(outcome.proof.name, recorded(outcome, surroundings));
  return names.flatMap((name) => proofs.get(name) ?? []);
}

export function dataOf(proofs: readonly RecordedProof[]): string {
  return `${JSON.stringify(proofs, undefined, 2)}\n`;
}

/** Reads what {@link dataOf} wrote; `path` is for the error. */
export function parseRecord(text: string, path: string): RecordedProof[] {
  return parseRows(text, path, isRecorded);
}

export function pageOf(proofs: readonly RecordedProof[]): string {
  const runs = numbered(proofs.map(runOf));
  return [
    "# Torture",
    "",
    "Written by `npm run torture`, which runs every heavy proof; `npm run torture -- --scale 0.01` is the hundredth of it that",
    "continuous integration runs. `npm run torture -- --only <proof> --write` repeats one and leaves the others as they stand:",
    "each has the commit of its own last run.",
    "",
    "| proof | what it shows | verdict | counted | seconds | run |",
    "| --- | --- | --- | --- | --- | --- |",
    ...proofs.map((proof) => row(proof, runs.numberOf(runOf(proof)))),
    "",
    ...runs.list,
    "",
    "The commands:",
    "",
    "```",
    ...proofs.map(({ command }) => command),
    "```",
    "",
  ].join("\n");
}

function recorded(outcome: Outcome, surroundings: Surroundings): RecordedProof {
  const { proof, verdict, detail, seconds, command } = outcome;
  const { name, promise } = proof;
  return { name, promise, verdict, detail, seconds, command: commandLine(command), surroundings };
}

function runOf({ surroundings }: RecordedProof): string {
  const { date, scale, machine } = surroundings;
  return `Commit ${commitText(surroundings)}, ${date}, scale ${scale}, on ${machine}.`;
}

function row({ name, promise, verdict, detail, seconds }: RecordedProof, run: number): string {
  return `| ${name} | ${cell(promise)} | ${verdict} | ${cell(detail)} | ${Math.round(seconds)} | ${run} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function isRecorded(value: unknown): value is RecordedProof {
  const proof = value as RecordedProof | null;
  const texts = [proof?.name, proof?.promise, proof?.verdict, proof?.detail, proof?.command];
  return (
    texts.every((text) => typeof text === "string") &&
    typeof proof?.seconds === "number" &&
    typeof proof.surroundings === "object"
  );
}
