// Entry of `npm run bench`: measures the rows, prints the table, writes docs/benchmarks.md with --write.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { project } from "../nnrp.project.ts";
import { measureRow, type Result } from "./bench/measure.ts";
import { manual, parseOptions, select, type BenchOptions } from "./bench/options.ts";
import { certificateWords } from "./bench/peers.ts";
import { placements, placementsOf } from "./bench/placements.ts";
import { buildPrograms } from "./bench/programs.ts";
import { dataOf, lineOf, pageOf, parseRecord, tableOf, withRun } from "./bench/record.ts";
import type { Row } from "./bench/row.ts";
import { rows } from "./bench/rows.ts";
import { verdictsOf } from "./bench/verdict.ts";
import { circumstancesOf, type Circumstances } from "./shared/circumstances.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";

/** Where the record is, for programs and for people. */
const [data, page] = ["docs/benchmarks.json", "docs/benchmarks.md"];

await runEntry(async () => {
  const options = parseOptions(process.argv.slice(2));
  const chosen = select(rows, options.only);
  if (options.help) console.log(manual);
  if (options.list) for (const row of chosen) console.log(`${row.name.padEnd(18)} ${row.title}`);
  if (options.help || options.list) return exitCodes.ok;
  const folder = mkdtempSync(join(tmpdir(), "nnrp-bench-"));
  try {
    const results = await measureAll(chosen, options, folder);
    if (options.json) console.log(JSON.stringify(results.map(plain)));
    else console.log(`\n${tableOf(results)}`);
    if (options.write) record(results, await circumstancesOf(project.root, systemProcess, [data, page]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return exitCodes.ok;
});

function record(results: readonly Result[], circumstances: Circumstances): void {
  const path = join(project.root, data);
  const earlier = existsSync(path) ? parseRecord(readFileSync(path, "utf8"), data) : [];
  const recorded = withRun(earlier, results, circumstances, rows);
  writeFileSync(path, dataOf(recorded));
  writeFileSync(join(project.root, page), pageOf(recorded, rows, notes()));
}

async function measureAll(chosen: readonly Row[], options: BenchOptions, folder: string): Promise<Result[]> {
  const signal = abortOnInterrupt();
  const say = (line: string): void => console.error(line);
  say(options.quick ? "building the programs" : "building the programs in the release profile");
  const programs = await buildPrograms(systemProcess, {
    root: project.root,
    release: !options.quick,
    signal,
  });
  const [program = "", ...args] = certificateWords({ programs, folder });
  await systemProcess.run({ program, args }, { signal });
  const available = placements();
  const results: Result[] = [];
  for (const [index, row] of chosen.entries()) {
    say(`── ${index + 1} of ${chosen.length}: ${row.title}`);
    for (const placement of placementsOf(row, available)) {
      const result = await measureRow(row, { programs, placement, folder, quick: options.quick, signal });
      for (const figure of row.figures) say(`   ${lineOf(result, figure)}`);
      results.push(result);
    }
  }
  return results;
}

/** A result without its functions. */
function plain(result: Result): object {
  const figures = result.row.figures.map((figure) => ({
    ...figure,
    ours: result.medians.ours?.[figure.key] ?? null,
    published: result.medians.published?.[figure.key] ?? null,
    floor: result.medians.floor?.[figure.key] ?? null,
    verdicts: verdictsOf(result, figure),
  }));
  return {
    name: result.row.name,
    title: result.row.title,
    placement: result.placement,
    rounds: result.rounds,
    figures,
  };
}

/** What is known about the rows, one file each. */
function notes(): Map<string, string> {
  const folder = join(project.root, "docs/benchmarks/notes");
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((name) => name.endsWith(".md"));
  return new Map(files.map((name) => [parse(name).name, readFileSync(join(folder, name), "utf8")]));
}
