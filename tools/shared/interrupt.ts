// Turns Ctrl-C and SIGTERM into one abort signal, so that children end and the exit code says why.
import { exitCodes } from "./errors.ts";

/** A terminal signals the whole group and npm and tsx pass the signal on: within this time it is the same Ctrl-C. */
const sameInterruptMs = 1000;

/** The first signal ends the work in order; a later one does not wait for that. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  const interrupt = (): void => {
    first ??= performance.now();
    if (performance.now() - first > sameInterruptMs) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  // Listeners that stay: tsx ends a process at once that has none left for a signal, and its children would live on.
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, interrupt);
  return controller.signal;
}
