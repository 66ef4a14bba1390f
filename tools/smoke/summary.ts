// Reads what a smoke client prints: one JSON object a step, and the summary as the last line.

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  /** Path of the loaded library as the client's system names it, or "static". */
  readonly library: string;
}

/** undefined when the client did not get as far as its summary. */
export function parseSummary(output: string): Summary | undefined {
  for (const line of output.trim().split(/\r?\n/).reverse()) {
    const summary = summaryOf(line);
    if (summary !== undefined) return summary;
  }
  return undefined;
}

function summaryOf(line: string): Summary | undefined {
  if (!line.startsWith('{"summary"')) return undefined;
  const { summary } = parseObject(line);
  if (typeof summary !== "object" || summary === null) return undefined;
  const { passed, failed, library } = summary as Record<string, unknown>;
  const isWhole = Number.isSafeInteger(passed) && Number.isSafeInteger(failed);
  if (!isWhole || typeof library !== "string") return undefined;
  return { passed: passed as number, failed: failed as number, library };
}

function parseObject(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The steps that failed, and the end of the output, for people. */
export function tailOf(stdout: string, stderr: string): string {
  const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const failed = lines(stdout).filter((line) => line.includes('"ok":false'));
  const rest = lines(stdout).slice(-5);
  return [...new Set([...failed, ...rest, ...lines(stderr).slice(-15)])].join("\n").slice(-6000);
}
