// Findings of one rule in one file as one entry: a broken flag shows in every member of an archive.
import type { Finding } from "../verify/finding.ts";

export interface FindingGroup {
  readonly gate: string;
  readonly severity: Finding["severity"];
  readonly file: string;
  readonly title: string;
  readonly fix: string;
  /** The first places, in words. */
  readonly places: readonly string[];
  /** How many more there are. */
  readonly further: number;
}

const shownPlaces = 4;

export function groupFindings(findings: readonly Finding[]): FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = [finding.gate, finding.file, finding.title, finding.fix].join("\n");
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap(groupOf);
}

function groupOf(findings: readonly Finding[]): FindingGroup[] {
  const [first] = findings;
  if (first === undefined) return [];
  const { gate, severity, file, title, fix } = first;
  const places = findings.slice(0, shownPlaces).map(placeOf);
  return [{ gate, severity, file, title, fix, places, further: findings.length - places.length }];
}

function placeOf({ member, evidence }: Finding): string {
  const where = member === undefined ? "" : `${member}, `;
  return `${where}${evidence.section} at ${evidence.offset}: ${evidence.value}`;
}
