// Runs a program for what it prints: the one way in which the machine is asked, never through a shell.
import type { Process } from "../shared/process.ts";

/** Undefined where the program is missing or fails. */
export type Probe = (program: string, args: readonly string[]) => Promise<string | undefined>;

export function probeWith(process: Process, cwd: string): Probe {
  return async (program, args) => {
    try {
      const exit = await process.run({ program, args, cwd, timeoutMs: 60_000 });
      return exit.code === 0 ? exit.stdout.trim() : undefined;
    } catch {
      return undefined;
    }
  };
}
