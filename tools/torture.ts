// Entry of `npm run torture`: runs the heavy proofs at a scale, and records them in docs/torture.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import { project } from "../nnrp.project.ts";
import { circumstancesOf } from "./shared/circumstances.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";
import { manual, parseOptions, select } from "./torture/options.ts";
import { foundFolder, proofsOf } from "./torture/proofs.ts";
import type { Outcome } from "./torture/proof.ts";
import { dataOf, pageOf, parseRecord, type Surroundings, withRun } from "./torture/record.ts";
import { runProofs } from "./torture/run-proofs.ts";

/** Where the record is, for programs and for people. */
const [data, page] = ["docs/torture.json", "docs/torture.md"];

const print = (line: string): void => console.log(line);

await runEntry(async () => {
  const options = parseOptions(process.argv.slice(2));
  const proofs = select(proofsOf(fuzzTargets()), options.only);
  if (options.help) print(manual);
  if (options.list) for (const proof of proofs) print(`${proof.name.padEnd(18)} ${proof.promise}`);
  if (options.help || options.list) return exitCodes.ok;
  const signal = abortOnInterrupt();
  for (const target of fuzzTargets()) mkdirSync(join(project.root, foundFolder(target)), { recursive: true });
  const where = await circumstancesOf(project.root, systemProcess, [data, page]);
  const progress = (line: string): void => print(`   ${line}`);
  const outcomes = await runProofs(proofs, systemProcess, {
    root: project.root,
    scale: options.scale,
    signal,
    print,
    progress,
  });
  const count = (verdict: string): number => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  print(`\n${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  if (options.write) record(outcomes, { ...where, scale: options.scale });
  return count("failed") === 0 ? exitCodes.ok : exitCodes.finding;
});

function record(outcomes: readonly Outcome[], surroundings: Surroundings): void {
  const path = join(project.root, data);
  const earlier = existsSync(path) ? parseRecord(readFileSync(path, "utf8"), data) : [];
  const names = proofsOf(fuzzTargets()).map(({ name }) => name);
  const proofs = withRun(earlier, outcomes, surroundings, names);
  writeFileSync(path, dataOf(proofs));
  writeFileSync(join(project.root, page), pageOf(proofs));
}

function fuzzTargets(): string[] {
  const folder = join(project.root, "fuzz/fuzz_targets");
  // A source package of the crates alone has no fuzz targets.
  if (!existsSync(folder)) return [];
  const targets = readdirSync(folder).filter((name) => name.endsWith(".rs"));
  return targets.map((name) => parse(name).name).sort();
}
