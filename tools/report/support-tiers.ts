// The support page: for every target what was built and how each library was proven, taken from one report.
import type { RunReport, TargetReport } from "./run-report.ts";
import { claimOf, markOfTarget } from "./target-state.ts";

const meanings = [
  "| tier | meaning |",
  "| --- | --- |",
  "| executed | built, every gate passed, and packed libraries ran the smoke scenario on the processor and system they are for |",
  "| emulated | the same, under qemu-user or Wine |",
  "| structural | built and every gate passed on the bytes; not run |",
  "| not built | could not be built on the machine of this report |",
];

/** Markdown of the page; `command` is what a reader runs to get it again. */
export function supportTiers(report: RunReport, command: string): string {
  return [
    "# Support tiers",
    "",
    `Written by \`${command}\` from the report of a run on ${report.host}.`,
    "",
    ...meanings,
    "",
    "| target | tier | oldest system | each library |",
    "| --- | --- | --- | --- |",
    ...report.targets.map(row),
    "",
  ].join("\n");
}

function row(report: TargetReport): string {
  const { target } = report;
  const cells = [`\`${target.triple}\``, tier(report), floor(report), libraries(report)];
  return `| ${cells.join(" | ")} |`;
}

function tier(report: TargetReport): string {
  if (!report.planned) return "not built";
  return markOfTarget(report) === "failed" ? "failed" : claimOf(report);
}

function floor({ target }: TargetReport): string {
  const { floor } = target;
  if (floor.kind === "none") return "";
  return floor.kind === "android" ? `Android API ${floor.api}` : `${floor.kind} ${floor.version}`;
}

/** Each packaged library with its own claim. */
function libraries({ planned, reason, verification }: TargetReport): string {
  if (!planned) return reason;
  return (verification?.libraries ?? []).map(({ kind, claim }) => `${kind} ${claim}`).join(", ");
}
