// What the doctor says about every package of the corpus, in a form that shows what a changed gate changes.
import { corpusPackages, corpusPath } from "../inspect/corpus-cache.ts";
import type { Finding } from "../verify/finding.ts";
import { examinePaths } from "./report.ts";

/** How often each is said. Errors are told apart by place and value, the rest by gate. */
export interface PackageVerdict {
  readonly packages: number;
  readonly libraries: number;
  /** By "gate: member: value". */
  readonly errors: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly notes: Readonly<Record<string, number>>;
}

export type CorpusVerdicts = Readonly<Record<string, PackageVerdict>>;

/** All packages must have been fetched. */
export async function corpusVerdicts(): Promise<CorpusVerdicts> {
  const verdicts: Record<string, PackageVerdict> = {};
  for (const entry of corpusPackages) verdicts[entry.id] = await verdictOn(corpusPath(entry));
  return verdicts;
}

async function verdictOn(path: string): Promise<PackageVerdict> {
  const { findings, examined, unreadable } = await examinePaths([path], {});
  const [problem] = unreadable;
  if (problem !== undefined) throw new Error(problem.message);
  const of = (severity: Finding["severity"]): Finding[] =>
    findings.filter((finding) => finding.severity === severity);
  return {
    packages: examined.filter(({ what }) => what === "package").length,
    libraries: examined.filter(({ what }) => what === "library").length,
    errors: counts(of("error").map(asLine)),
    warnings: counts(of("warning").map(({ gate }) => gate)),
    notes: counts(of("note").map(({ gate }) => gate)),
  };
}

function asLine({ gate, member, evidence: { value } }: Finding): string {
  return [gate, ...(member === undefined ? [] : [member]), value].join(": ");
}

function counts(lines: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of [...lines].sort()) found[line] = (found[line] ?? 0) + 1;
  return found;
}
