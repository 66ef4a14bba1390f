// Removes from a folder what killed runs left in it: each such folder carries the number of its process in its name.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** `pattern` finds the process in the folder's name; folders of processes that still run stay. */
export async function sweepLeftovers(directory: string, pattern: RegExp): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const owner = pattern.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
