// Entry of `npm run bench`: runs every bench program, prints the tables, writes docs/benchmarks.md with --write.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { project } from "../nnrp.project.ts";
import { benchPrograms } from "./bench/programs.ts";
import { parseRows, renderTable } from "./bench/row.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes, ToolError } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";

await runEntry(async () => {
  const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
  const signal = abortOnInterrupt();
  const parts: string[] = [header()];
  for (const { title, command } of benchPrograms) {
    console.log(`── ${title}`);
    const exit = await systemProcess.run({ ...command, cwd: project.root, timeoutMs: 600_000 }, { signal });
    if (exit.code !== 0) {
      throw new ToolError({
        code: "bench-failed",
        family: "finding",
        message: `${title}: ${exit.stderr.trim() || exit.stdout.trim()}`,
        remedy: `${command.program} ${command.args.join(" ")}`,
      });
    }
    const table = renderTable(parseRows(exit.stdout));
    console.log(`${table}\n`);
    parts.push(`## ${title}\n\n${table}\n`);
  }
  if (values.write) write(parts.join("\n"));
  return exitCodes.ok;
});

function header(): string {
  const processor = cpus()[0]?.model ?? "unknown processor";
  return (
    `# Benchmarks\n\nWritten by \`npm run bench -- --write\`: ours and the floor in one run, medians, quoted as ratios. ` +
    `Absolute values depend on the machine: ${availableParallelism()} × ${processor}, Node ${process.versions.node}.\n`
  );
}

function write(text: string): void {
  mkdirSync(join(project.root, "docs"), { recursive: true });
  writeFileSync(join(project.root, "docs/benchmarks.md"), text);
}
