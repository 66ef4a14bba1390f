// Adds what devices and other machines found out about the same packages to the report of the run that packed them.
import { ToolError } from "../shared/errors.ts";
import { libraryClaims, strongestClaim, type Verification } from "../smoke/verification.ts";
import type { RunReport, TargetReport } from "./run-report.ts";

export function withDeviceResults(run: RunReport, results: readonly Verification[]): RunReport {
  return results.reduce(withResult, run);
}

function withResult(run: RunReport, result: Verification): RunReport {
  const known = run.targets.find(({ target }) => target.triple === result.triple);
  if (known?.verification === undefined) throw foreign(result, "the report has no run of that target");
  if (known.verification.archiveSha256 !== result.archiveSha256)
    throw foreign(result, "it is of another archive than the report's");
  const joined = { ...known, verification: join(known.verification, result) };
  return { ...run, targets: run.targets.map((target): TargetReport => (target === known ? joined : target)) };
}

/** The same bytes were tried, so each claim is the strongest of both. */
function join(here: Verification, there: Verification): Verification {
  const runs = [...here.runs, ...there.runs];
  const kinds = here.libraries.map(({ kind }) => kind);
  return {
    ...here,
    claim: strongestClaim(runs),
    libraries: libraryClaims(kinds, runs),
    runs,
    links: [...here.links, ...there.links],
    // What had no run at home may have one now.
    limits: there.runs.length > 0 ? there.limits : here.limits,
  };
}

function foreign({ triple }: Verification, problem: string): ToolError {
  return new ToolError({
    code: "reports-differ",
    family: "usage",
    message: `the verification of ${triple} cannot be added: ${problem}`,
    remedy: "give the report and the verifications of one workflow run",
  });
}
