// Progress as NDJSON: each event one object on one line.
import type { ProgressSink } from "../shared/progress.ts";

export function jsonProgress(write: (line: string) => void): ProgressSink {
  return { emit: (event) => write(JSON.stringify(event)) };
}
