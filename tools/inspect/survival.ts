// Tries whether the readers survive a file: facts or a typed error, in bounded time, with facts of bounded size.
import { ToolError } from "../shared/errors.ts";
import { inspectBytes } from "./inspect.ts";

/** Facts may take this many times the size of the file, and something for the small ones. */
export const memoryPerByte = 64;
export const memoryFloor = 4 * 2 ** 20;
/** A file of 20 MB takes 150 ms; the limits tell a loop from a busy machine. */
const millisecondsPerMegabyte = 2000;
const millisecondsFloor = 5000;

/** What went wrong; undefined where the file was read or refused as it should be. */
export function misbehaviour(bytes: Buffer): string | undefined {
  const started = performance.now();
  const copy = Buffer.from(bytes);
  try {
    inspectBytes("damaged", bytes);
  } catch (error) {
    if (!(error instanceof ToolError))
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error.family !== "usage") return `is blamed on ${error.family}: ${error.message}`;
    if (!error.message.startsWith("damaged: ")) return `the message does not name the file: ${error.message}`;
  }
  const milliseconds = performance.now() - started;
  if (milliseconds > millisecondsFloor + (millisecondsPerMegabyte * bytes.length) / 2 ** 20)
    return `took ${Math.round(milliseconds)} ms`;
  return copy.equals(bytes) ? undefined : "the file was changed by reading it";
}

/** Bytes that the facts of a file hold, as the collector counts them; needs --expose-gc. */
export function factsMemory(bytes: Buffer): number {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error("run with --expose-gc");
  collect();
  const before = process.memoryUsage().heapUsed;
  let facts: unknown;
  try {
    facts = inspectBytes("measured", bytes);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
  collect();
  const after = process.memoryUsage().heapUsed;
  return facts === undefined ? 0 : after - before;
}
