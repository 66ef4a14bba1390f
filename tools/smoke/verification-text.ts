// A verification as lines for a terminal: what ran, what was linked, what is missing and what no run here can prove.
import { failuresOf, type LinkTest, type SmokeRun, type Verification } from "./verification.ts";

export function verificationLines(verification: Verification): string[] {
  const { triple, claim, runs, links, skipped, limits } = verification;
  return [
    `${triple}: ${claim}`,
    ...runs.map((run) => `  ${runLine(run)}`),
    ...links.filter(({ ok }) => ok).map((link) => `  ${linkLine(link)}`),
    ...skipped.map((item) => `  ${item.client} skipped: ${item.reason}; ${item.remedy}`),
    ...limits.map((limit) => `  ${limit.subject}: ${limit.reason}`),
    ...failuresOf(verification).map((text) => `  FAILED ${text.replaceAll("\n", "\n    ")}`),
  ];
}

function runLine({ client, claim, passed, failed, durationMs, runner, libraries }: SmokeRun): string {
  const steps = `${passed} steps passed, ${failed} failed, ${durationMs} ms`;
  return `${client} ${claim}: ${steps}, ${[runner, libraries].filter(Boolean).join(", ")}`;
}

function linkLine({ client, functions, slice, compiler }: LinkTest): string {
  const target = slice === undefined ? "" : ` for ${slice}`;
  return `${client} links ${functions} functions${target} with ${compiler}`;
}
