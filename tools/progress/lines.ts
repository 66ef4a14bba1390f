// Progress as plain lines, for logs and pipes: one line when a step starts or ends, none in between.
import type { ProgressEvent, ProgressSink } from "../shared/progress.ts";
import { formatBytes, formatSeconds } from "./format.ts";

export function lineProgress(write: (line: string) => void): ProgressSink {
  const started = performance.now();
  return {
    emit: (event) => {
      const text = describe(event);
      if (text !== undefined)
        write(`[${formatSeconds((performance.now() - started) / 1000).padStart(7)}] ${text}`);
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
    case "step-started":
      return `${event.triple} ${event.step} ...`;
    case "step-finished":
      return `${event.triple} ${event.step} ${event.ok ? "ok" : "FAILED"} in ${formatSeconds(event.seconds)}: ${event.detail}`;
    case "note":
      return event.text;
    case "plan":
    case "step-line":
      return undefined;
  }
}
