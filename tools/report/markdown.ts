// The report as a Markdown table, for release notes and summaries of continuous integration.
import { groupFindings } from "./finding-groups.ts";
import type { RunReport, TargetReport } from "./run-report.ts";
import { stdComparison } from "./std-sizes.ts";
import {
  claimOf,
  countsOf,
  libraryBytes,
  markOf,
  megabytes,
  releaseObstacle,
  seconds,
  stages,
  type Mark,
} from "./target-state.ts";

const marks: Readonly<Record<Mark, string>> = { ok: "✓", failed: "✗", open: "" };

export function markdownReport(run: RunReport): string {
  const counts = countsOf(run);
  const obstacle = releaseObstacle(run);
  const head = ["target", ...stages, "ran", "size", "time"];
  const rows = run.targets.map((target) => row(cells(target)));
  return [
    `# ${run.project.name} ${run.project.version}`,
    "",
    `${counts.ok} targets passed, ${counts.failed} failed, ${counts.open} cannot be built here. Commit ${run.gitCommit}, ${run.host}.`,
    ...(obstacle === undefined ? [] : ["", obstacle]),
    "",
    row(head),
    row(head.map(() => "---")),
    ...rows,
    "",
    ...section("Problems", run.targets.flatMap(problems)),
    ...section("Not run or not built here", run.targets.flatMap(missing)),
    ...section("Rust std, prebuilt and built from its sources", run.targets.flatMap(stdSizes)),
  ].join("\n");
}

function cells(report: TargetReport): string[] {
  return [
    `\`${report.target.triple}\``,
    ...stages.map((step) => marks[markOf(report, step)]),
    claimOf(report),
    megabytes(libraryBytes(report)),
    seconds(report.seconds),
  ];
}

function row(values: readonly string[]): string {
  return `| ${values.map((value) => value.replaceAll("|", "\\|")).join(" | ")} |`;
}

function problems({ target, failure, findings, verification }: TargetReport): string[] {
  const stopped = failure === undefined ? [] : [`${failure.message.split("\n")[0]}; fix: ${failure.remedy}`];
  const found = groupFindings(findings).map(
    ({ gate, file, title, fix, places }) => `${gate} in ${file}: ${title} (${places[0]}); fix: ${fix}`,
  );
  const ran = (verification?.runs ?? [])
    .filter(({ ok }) => !ok)
    .map(({ client, tail }) => `${client}: ${tail?.split("\n")[0]}`);
  return [...stopped, ...found, ...ran].map((text) => `- \`${target.triple}\`: ${text}`);
}

function missing({ target, planned, reason, remedy, verification }: TargetReport): string[] {
  const unbuilt = planned ? [] : [`${reason}${remedy === undefined ? "" : `: \`${remedy}\``}`];
  const skipped = (verification?.skipped ?? []).map(
    (item) => `${item.client}: ${item.reason}: \`${item.remedy}\``,
  );
  const limits = (verification?.limits ?? []).map(({ subject, reason }) => `${subject}: ${reason}`);
  return [...unbuilt, ...skipped, ...limits].map((text) => `- \`${target.triple}\`: ${text}`);
}

function stdSizes({ target, artifact }: TargetReport): string[] {
  const texts = artifact === undefined ? [] : stdComparison(artifact);
  return texts.map((text) => `- \`${target.triple}\`: ${text}`);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines, ""];
}
