// What devices add to a report, and which files are refused with their path and their first fault.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { SmokeRun, Verification } from "../smoke/verification.ts";
import { withDeviceResults } from "./device-results.ts";
import { readReport, readVerification } from "./read-report.ts";
import type { RunReport } from "./run-report.ts";

const triple = "aarch64-apple-darwin";

it("a run on a device makes the claim of its library stronger, and takes the place of the reason for none", () => {
  const [target] = withDeviceResults(report(verification([])), [verification([run("executed")])]).targets;
  expect(target?.verification).toMatchObject({
    claim: "executed",
    libraries: [
      { kind: "dynamic", claim: "executed" },
      { kind: "static", claim: "structural" },
    ],
    limits: [],
  });
});

it("a failed run elsewhere claims nothing and stays visible", () => {
  const failed = { ...run("executed"), ok: false };
  const [target] = withDeviceResults(report(verification([])), [verification([failed])]).targets;
  expect(target?.verification).toMatchObject({ claim: "structural", runs: [{ ok: false }] });
});

it("results of another archive, or of a target that the report has not, are refused", () => {
  const other = { ...verification([]), archiveSha256: "b".repeat(64) };
  expect(() => withDeviceResults(report(verification([])), [other])).toThrow(/another archive/);
  const stranger = { ...verification([]), triple: "x" };
  expect(() => withDeviceResults(report(verification([])), [stranger])).toThrow(/no run of that target/);
});

it("a file that is not what its schema says is refused with its path and the place of the fault", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reports-"));
  const file = join(folder, "report.json");
  const refusals = [
    ["{", /report\.json cannot be read: .*JSON/],
    ["{}", /report\.json is not what run-report\.schema\.json says: the whole must have/],
    ['{"project": 1}', /must have required property|must be object/],
  ] as const;
  for (const [text, message] of refusals) {
    writeFileSync(file, text);
    await expect(readReport(file)).rejects.toThrow(message);
  }
  writeFileSync(file, JSON.stringify({ ...verification([]), claim: "hoped" }));
  await expect(readVerification(file)).rejects.toThrow(/verification\.schema\.json says: \/claim must be/);
  writeFileSync(file, JSON.stringify(verification([run("executed")])));
  expect((await readVerification(file)).runs.length).toBe(1);
  rmSync(folder, { recursive: true });
});

function report(known: Verification): RunReport {
  const row = { target: { triple }, verification: known } as unknown as RunReport["targets"][number];
  return { targets: [row] } as unknown as RunReport;
}

function verification(runs: readonly SmokeRun[]): Verification {
  return {
    triple,
    claim: runs.length > 0 ? "executed" : "structural",
    libraries: [
      { kind: "dynamic", claim: "structural" },
      { kind: "static", claim: "structural" },
    ],
    archiveSha256: "a".repeat(64),
    runs,
    links: [],
    skipped: [],
    limits: runs.length > 0 ? [] : [{ subject: "a run", reason: "needs a Mac" }],
  };
}

function run(claim: SmokeRun["claim"]): SmokeRun {
  const ended = { ok: true, exitCode: 0, timedOut: false, durationMs: 1, passed: 21, failed: 0 };
  return { client: "c-dynamic", claim, runner: "native", argv: ["x"], library: null, ...ended };
}
