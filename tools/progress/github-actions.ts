// Progress for GitHub Actions: plain lines in a group for each target, and annotations for what went wrong.
import type { ProgressEvent, ProgressSink } from "../shared/progress.ts";

export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
  /** Relative to the repository. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Wraps the plain lines: all of one step's output can be opened, and is closed by default. */
export function groupedProgress(inner: ProgressSink, write: (line: string) => void): ProgressSink {
  const output = new Map<string, string[]>();
  const keep = ({ triple, step, line }: Extract<ProgressEvent, { type: "step-line" }>): void => {
    const key = `${triple} ${step}`;
    output.set(key, [...(output.get(key) ?? []), line].slice(-keptLines));
  };
  return {
    emit: (event) => {
      if (event.type === "step-line") {
        keep(event);
        return;
      }
      inner.emit(event);
      if (event.type !== "step-finished") return;
      const key = `${event.triple} ${event.step}`;
      const lines = output.get(key) ?? [];
      output.delete(key);
      if (lines.length === 0) return;
      // Targets run side by side: a group is written in one piece when its step has ended.
      write(`::group::${escapeData(`output of ${key}`)}`);
      for (const line of lines) write(harmless(line));
      write("::endgroup::");
    },
  };
}

const keptLines = 2000;

/** A build's own output must not be taken for a command. */
function harmless(line: string): string {
  return line.startsWith("::") || line.includes("##[")
    ? ` ${line.replaceAll("::", ": :").replaceAll("##[", "## [")}`
    : line;
}

/** The workflow command that shows a problem at its place, in the list of the run and in the diff. */
export function annotation({ level, title, message, file, line, column }: Annotation): string {
  const properties = Object.entries({ file, line, col: column, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${level} ${properties.join(",")}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
