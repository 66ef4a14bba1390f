// The report for a terminal: findings grouped by gate, wrapped to its width, with colour where colour is wanted.
import type { Finding } from "../verify/finding.ts";
import {
  byGate,
  counted,
  hasNoLibrary,
  placeOf,
  summaryOf,
  type DoctorReport,
  type GateFindings,
} from "./report.ts";
import { visible } from "./visible.ts";

export interface Terminal {
  readonly columns: number;
  readonly colour: boolean;
}

/** Places of one gate that are shown; the other formats have them all. */
const mostPlaces = 8;

export function formatTable(report: DoctorReport, terminal: Terminal): string {
  const paint = painter(terminal.colour);
  const groups = byGate(report).flatMap((group) => [...groupLines(group, terminal, paint), ""]);
  const least = hasNoLibrary(report) ? "note" : undefined;
  const worst = report.unreadable.length > 0 ? "error" : (report.findings[0]?.severity ?? least);
  const mark = worst === undefined ? paint("green", "✓") : paint(colours[worst], marks[worst]);
  return `${[...groups, ...examinedLines(report, paint), `${mark} ${summaryOf(report)}`].join("\n")}\n`;
}

type Paint = (style: keyof typeof styles, text: string) => string;

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
const colours = { error: "red", warning: "yellow", note: "cyan" } as const;
const marks: Readonly<Record<Finding["severity"], string>> = { error: "✗", warning: "!", note: "i" };

function painter(colour: boolean): Paint {
  return (style, text) => (colour ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
}

function groupLines(group: GateFindings, { columns }: Terminal, paint: Paint): string[] {
  const { gate, severity, title, fix, findings } = group;
  const shown = findings.slice(0, mostPlaces);
  const more = findings.length - shown.length;
  return [
    `${paint(colours[severity], `${marks[severity]} ${severity}`)}  ${paint("bold", gate)}`,
    ...wrap(title, columns, "  "),
    ...shown.flatMap((finding, index) => [
      ...(samePath(shown[index - 1], finding) ? [] : pathLines(finding, columns, paint)),
      ...wrap(`${visible(placeOf(finding))}: ${visible(finding.evidence.value)}`, columns, "      "),
    ]),
    ...(more > 0 ? [paint("dim", `  … and ${counted(more, "more place")}`)] : []),
    ...wrap(`fix: ${fix}`, columns, "  ", "       "),
  ];
}

function samePath(previous: Finding | undefined, { file, member }: Finding): boolean {
  return previous?.file === file && previous.member === member;
}

function pathLines({ file, member }: Finding, columns: number, paint: Paint): string[] {
  const path = visible(file) + (member === undefined ? "" : ` › ${visible(member)}`);
  return wrap(path, columns, "    ").map((line) => paint("cyan", line));
}

/** Each thing that was examined, while they are few. */
function examinedLines({ examined }: DoctorReport, paint: Paint): string[] {
  if (examined.length === 0 || examined.length > 12) return [];
  const lines = examined.map(({ file, member, kind, platform, bytes }) =>
    [
      visible(member === undefined ? file : `${file} › ${member}`),
      kind,
      ...(platform === undefined ? [] : [platform]),
      `${bytes} bytes`,
    ].join(" · "),
  );
  return [paint("dim", "examined:"), ...lines.map((line) => paint("dim", `  ${line}`)), ""];
}

/** Breaks at spaces, and inside a word that is longer than a line. */
function wrap(text: string, columns: number, indent: string, hanging = indent): string[] {
  const width = Math.max(20, columns);
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  const next = (): void => {
    lines.push(line);
    line = hanging;
    isEmpty = true;
  };
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) next();
    let rest = word;
    while (line.length + rest.length + 1 > width && rest.length > width - hanging.length) {
      const room = width - line.length - (isEmpty ? 0 : 1);
      line += `${isEmpty ? "" : " "}${rest.slice(0, room)}`;
      rest = rest.slice(room);
      next();
    }
    line += `${isEmpty ? "" : " "}${rest}`;
    isEmpty = false;
  }
  lines.push(line);
  return lines;
}
