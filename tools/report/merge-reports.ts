// Reports of runs that shared the targets among them, e.g. jobs of one workflow, as the report of one run.
import { ToolError } from "../shared/errors.ts";
import type { RunReport } from "./run-report.ts";

/** The order of the first, each target once; where two runs had it, the later one counts. */
export function mergeReports(reports: readonly RunReport[]): RunReport {
  const [first, ...others] = reports;
  if (first === undefined) throw unmergeable("there is no report to merge");
  const stranger = others.find(({ gitCommit }) => gitCommit !== first.gitCommit);
  if (stranger !== undefined)
    throw unmergeable(`the reports are of different commits: ${first.gitCommit} and ${stranger.gitCommit}`);
  return {
    ...first,
    seconds: reports.reduce((sum, { seconds }) => sum + seconds, 0),
    host: unique(reports.map(({ host }) => host)).join(", "),
    tools: byKey(
      reports.flatMap(({ tools }) => tools),
      ({ name, version }) => `${name} ${version}`,
    ),
    targets: byKey(
      reports.flatMap(({ targets }) => targets),
      ({ target }) => target.triple,
    ),
    packages: byKey(
      reports.flatMap(({ packages }) => packages),
      ({ fileName }) => fileName,
    ),
    links: reports.flatMap(({ links }) => links),
  };
}

/** The last of each key, at the place of the first. */
function byKey<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function unmergeable(message: string): ToolError {
  return new ToolError({
    ...{ code: "reports-differ", family: "usage", message },
    remedy: "give reports (artifacts/report/report.json) of runs on the same commit",
  });
}
