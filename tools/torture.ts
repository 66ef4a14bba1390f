// Entry of `npm run torture`: runs the heavy proofs at a scale, and records them in docs/torture.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join, parse } from "node:path";
import { project } from "../nnrp.project.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";
import { manual, parseOptions, select } from "./torture/options.ts";
import { foundFolder, proofsOf } from "./torture/proofs.ts";
import type { Outcome } from "./torture/proof.ts";
import { dataOf, pageOf, parseRecord, type Surroundings, withRun } from "./torture/record.ts";
import { runProofs } from "./torture/run-proofs.ts";

const print = (line: string): void => console.log(line);

await runEntry(async () => {
  const options = parseOptions(process.argv.slice(2));
  const proofs = select(proofsOf(fuzzTargets()), options.only);
  if (options.help) print(manual);
  if (options.list) for (const proof of proofs) print(`${proof.name.padEnd(18)} ${proof.promise}`);
  if (options.help || options.list) return exitCodes.ok;
  const signal = abortOnInterrupt();
  for (const target of fuzzTargets()) mkdirSync(join(project.root, foundFolder(target)), { recursive: true });
  const surroundings = await describe(options.scale);
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
  if (options.write) record(outcomes, surroundings);
  return count("failed") === 0 ? exitCodes.ok : exitCodes.finding;
});

function record(outcomes: readonly Outcome[], surroundings: Surroundings): void {
  const path = join(project.root, "docs/torture.json");
  const earlier = existsSync(path) ? parseRecord(readFileSync(path, "utf8"), "docs/torture.json") : [];
  const names = proofsOf(fuzzTargets()).map(({ name }) => name);
  const proofs = withRun(earlier, outcomes, surroundings, names);
  writeFileSync(path, dataOf(proofs));
  writeFileSync(join(project.root, "docs/torture.md"), pageOf(proofs));
}

function fuzzTargets(): string[] {
  const folder = join(project.root, "fuzz/fuzz_targets");
  // A source package of the crates alone has no fuzz targets.
  if (!existsSync(folder)) return [];
  const targets = readdirSync(folder).filter((name) => name.endsWith(".rs"));
  return targets.map((name) => parse(name).name).sort();
}

async function describe(scale: number): Promise<Surroundings> {
  const git = async (...args: string[]): Promise<string> => {
    const exit = await systemProcess.run({ program: "git", args, cwd: project.root });
    return exit.stdout.trim();
  };
  // The record of the run before is no change of what is proven.
  const code = [".", ":!docs/torture.json", ":!docs/torture.md"];
  return {
    commit: (await git("rev-parse", "--short=12", "HEAD")) || "unknown",
    changed: (await git("status", "--porcelain", "--untracked-files=no", "--", ...code)) !== "",
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.versions.node}`,
    date: new Date().toISOString().slice(0, 10),
    scale,
  };
}
