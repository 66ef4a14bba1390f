// The support page: for every target what was built, how it was proven, and by which runs, taken from one report.
import type { RunReport, TargetReport } from "./run-report.ts";
import { claimOf, markOfTarget } from "./target-state.ts";

const meanings = [
  "| tier | meaning |",
  "| --- | --- |",
  "| executed | built, every gate passed, and the packed libraries ran the smoke scenario on the processor and system they are for |",
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
    "| target | tier | oldest system | libraries | run by |",
    "| --- | --- | --- | --- | --- |",
    ...report.targets.map(row),
    "",
  ].join("\n");
}

function row(report: TargetReport): string {
  const { target } = report;
  const cells = [
    `\`${target.triple}\``,
    tier(report),
    floor(report),
    target.libraries.join(", "),
    runs(report),
  ];
  return `| ${cells.join(" | ")} |`;
}

function tier(report: TargetReport): string {
  if (!report.planned) return "not built";
  if (markOfTarget(report) === "failed") return "failed";
  const claim = claimOf(report);
  return claim === "structural" || ranDynamic(report) ? claim : `${claim} (static only)`;
}

/** A claim that only the static library supports says nothing of the dynamic one. */
function ranDynamic({ target, verification }: TargetReport): boolean {
  if (!target.libraries.includes("dynamic")) return true;
  return (verification?.runs ?? []).some(({ ok, client }) => ok && client === "c-dynamic");
}

function floor({ target }: TargetReport): string {
  const { floor } = target;
  if (floor.kind === "none") return "";
  return floor.kind === "android" ? `Android API ${floor.api}` : `${floor.kind} ${floor.version}`;
}

/** Clients that passed, with the claim where it is weaker than the target's. */
function runs(report: TargetReport): string {
  if (!report.planned) return report.reason;
  const passed = (report.verification?.runs ?? []).filter(({ ok }) => ok);
  return passed
    .map(({ client, claim }) => (claim === claimOf(report) ? client : `${client} (${claim})`))
    .join(", ");
}
