// Progress as plain lines, for logs and pipes: one line when a step starts or ends, none in between.
import type { ProgressEvent, ProgressSink } from "../shared/progress.ts";
import { formatBytes, formatSeconds } from "./format.ts";

/** A step that is over at once is told in one line, not in two. */
const startAfterMs = 200;

export function lineProgress(write: (line: string) => void): ProgressSink {
  const started = performance.now();
  const starting = new Map<string, () => void>();
  const print = (event: ProgressEvent): void => {
    const text = describe(event);
    const seconds = (performance.now() - started) / 1000;
    if (text !== undefined) write(`[${formatSeconds(seconds).padStart(7)}] ${text}`);
  };
  return {
    emit: (event) => {
      if (event.type === "step-started") {
        const timer = setTimeout(() => print(event), startAfterMs);
        starting.set(event.triple, () => clearTimeout(timer));
        return;
      }
      if (event.type === "step-finished") starting.get(event.triple)?.();
      print(event);
    },
  };
}

/** Undefined for events that are only worth seeing live. */
export function describe(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case "fetch": {
      const size = event.bytes === undefined ? "" : `, ${formatBytes(event.bytes)}`;
      return `fetching ${event.what}${size}, into ${event.into}`;
    }
    case "run-started":
      return `${event.triples.length} targets, ${event.parallel} side by side, ${event.jobs} jobs${lasting(event.expectedSeconds)}`;
    case "step-started":
      return `${event.triple} ${event.step} ...${lasting(event.expectedSeconds)}`;
    case "step-finished":
      return `${event.triple} ${event.step} ${ending(event)}: ${event.detail}`;
    case "note":
      return event.text;
    case "target-finished":
    case "plan":
    case "step-line":
      return undefined;
  }
}

/** Estimates below a second would only be noise. */
function lasting(expectedSeconds: number | undefined): string {
  return expectedSeconds === undefined || expectedSeconds < 1
    ? ""
    : `, about ${formatSeconds(expectedSeconds)} the last time`;
}

function ending({ ok, reused, seconds }: Extract<ProgressEvent, { type: "step-finished" }>): string {
  if (reused) return "unchanged";
  return `${ok ? "ok" : "FAILED"} in ${formatSeconds(seconds)}`;
}
