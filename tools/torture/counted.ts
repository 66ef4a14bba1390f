// What the programs behind the proofs say they have done, read from their output.
import type { Exit } from "../shared/process.ts";

/** Tests that cargo ran, and whatever they say they counted themselves. */
export function countedTests(exit: Exit): string | undefined {
  const results = [...exit.stdout.matchAll(/^test result: ok\. (\d+) passed; \d+ failed; (\d+) ignored/gm)];
  const passed = results.reduce((total, result) => total + Number(result[1]), 0);
  const ignored = results.reduce((total, result) => total + Number(result[2]), 0);
  if (passed === 0) return undefined;
  const tests = `${plural(passed, "test")}${ignored > 0 ? `, ${ignored} left out at this scale` : ""}`;
  return [tests, ...saidCounts(exit.stdout)].join("; ");
}

/** Lines `counted: <what>` that a test prints, of equal ones the first. */
function saidCounts(output: string): string[] {
  // The line may follow the name of the test that prints it.
  return [...new Set([...output.matchAll(/counted: (.+)$/gm)].map((line) => line[1] ?? ""))];
}

/** Whatever a program of ours says that it counted. */
export function countedClaims(exit: Exit): string | undefined {
  return saidCounts(exit.stdout).join("; ") || undefined;
}

/** Inputs that libFuzzer ran. */
export function countedInputs(exit: Exit): string | undefined {
  const runs = /^Done (\d+) runs in (\d+) second/m.exec(exit.stderr);
  return runs === null ? undefined : `${grouped(Number(runs[1]))} inputs in ${runs[2]} s`;
}

/** Files that the readers' fuzzer damaged. */
export function countedFiles(exit: Exit): string | undefined {
  const children = [...exit.stdout.matchAll(/^seed \d+, (\d+) files: (.*)$/gm)];
  const files = children.reduce((total, child) => total + Number(child[1]), 0);
  return files === 0
    ? undefined
    : `${plural(files, "file")} damaged in ${plural(children.length, "process", "es")}`;
}

/** Lines that the tests reach, from the last line of the table of cargo llvm-cov. */
export function countedLines(exit: Exit): string | undefined {
  // Columns: regions, missed, cover; functions, missed, executed; lines, missed, cover.
  const total = /^TOTAL(?:\s+\S+){6}\s+(\d+)\s+(\d+)\s+(\S+%)/m.exec(exit.stdout);
  return total === null ? undefined : `${total[3]} of ${grouped(Number(total[1]))} lines`;
}

function plural(count: number, noun: string, ending = "s"): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : ending}`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
