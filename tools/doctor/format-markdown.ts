// The report as Markdown, for job summaries and review comments.
import type { Finding } from "../verify/finding.ts";
import { byGate, counted, placeOf, summaryOf, type DoctorReport, type GateFindings } from "./report.ts";
import { visible } from "./visible.ts";

/** Job summaries end at 1 MiB. */
const mostPlaces = 50;

export function formatMarkdown(report: DoctorReport): string {
  const sections = [
    "# Doctor",
    capitalised(`${summaryOf(report)}.`),
    ...byGate(report).map(section),
    ...(report.unreadable.length === 0
      ? []
      : [
          "## Not readable",
          report.unreadable.map(({ message, fix }) => `- ${code(message)}\n  Fix: ${plain(fix)}`).join("\n"),
        ]),
    ...(report.examined.length === 0 ? [] : ["## Examined", examinedTable(report)]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function section({ gate, severity, title, fix, findings }: GateFindings): string {
  const rows = findings.slice(0, mostPlaces).map(row);
  const more = findings.length - mostPlaces;
  return [
    `## ${severity}: ${gate}`,
    capitalised(`${plain(title)}.`),
    ["| File | Where | Value |", "| --- | --- | --- |", ...rows].join("\n"),
    ...(more > 0 ? [`… and ${counted(more, "more place")}.`] : []),
    `**Fix:** ${plain(fix)}`,
  ].join("\n\n");
}

function row(finding: Finding): string {
  const { file, member, evidence } = finding;
  const path = member === undefined ? file : `${file} › ${member}`;
  return `| ${code(path)} | ${code(placeOf(finding))} | ${code(evidence.value)} |`;
}

function examinedTable({ examined }: DoctorReport): string {
  const rows = examined
    .slice(0, mostPlaces)
    .map(
      ({ file, member, kind, platform, bytes }) =>
        `| ${code(member === undefined ? file : `${file} › ${member}`)} | ${plain(kind)} | ${plain(platform ?? "")} | ${bytes} |`,
    );
  const more = examined.length - mostPlaces;
  const table = ["| File | Kind | Platform | Bytes |", "| --- | --- | --- | ---: |", ...rows].join("\n");
  return more > 0 ? `${table}\n\n… and ${more} more.` : table;
}

/** A code span that its text cannot leave: the fence is longer than any run of backticks inside. */
function code(text: string): string {
  const shown = visible(text).replaceAll("|", "\\|");
  const runs = shown.match(/`+/g) ?? [];
  const fence = "`".repeat(1 + Math.max(0, ...runs.map((run) => run.length)));
  const space = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${space}${shown || " "}${space}${fence}`;
}

function plain(text: string): string {
  return visible(text).replaceAll(/[\\`*_[\]<>|#]/g, "\\$&");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
