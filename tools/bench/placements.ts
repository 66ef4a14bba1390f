// Where the programs of a row run: all of them on one CPU, or wherever the system wants.
import { spawnSync } from "node:child_process";
import type { Placement, Row } from "./row.ts";

/** Both where the system can pin, `free` alone where it cannot. */
export function placements(): Placement[] {
  const free: Placement = { name: "free", prefix: [] };
  const cpu = lastAllowedCpu();
  return cpu === undefined ? [free] : [{ name: "one CPU", prefix: ["taskset", "-c", cpu] }, free];
}

/** Those that a row wants; a row that wants none that there is runs wherever it can. */
export function placementsOf(row: Row, available: readonly Placement[]): readonly Placement[] {
  const wanted = available.filter(({ name }) => row.placements?.includes(name) ?? true);
  return wanted.length > 0 ? wanted : available.slice(-1);
}

/** The last one: interrupts and what else runs by itself tend to be on the first. */
function lastAllowedCpu(): string | undefined {
  const taskset = spawnSync("taskset", ["-c", "-p", String(process.pid)], { encoding: "utf8" });
  return taskset.status === 0 ? /(\d+)\s*$/.exec(taskset.stdout)?.[1] : undefined;
}
