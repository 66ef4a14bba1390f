// One target through the stages: what is recorded, what stops it, and which exit code follows.
import { describe, expect, it } from "vitest";
import type { Artifact } from "../build/artifact.ts";
import { targets } from "../matrix/targets.ts";
import type { PackageFile } from "../package/package.ts";
import type { TargetFailure, TargetReport } from "../report/run-report.ts";
import { ToolError, type ErrorFamily } from "../shared/errors.ts";
import type { Verification } from "../smoke/verification.ts";
import { linuxBox } from "../toolchain/fixtures.ts";
import { planToolchain } from "../toolchain/plan.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Finding } from "../verify/finding.ts";
import type { Stages } from "./stages.ts";
import type { Outcome } from "./verdict.ts";
import { exitCodeOf, renderProblems, renderTable, summarize } from "./summary.ts";
import { runTarget, type TargetRunContext } from "./target-run.ts";

const target = targets[0] ?? fail("the table is empty");
const toolchain = supported();

const artifact: Artifact = {
  target,
  directory: "/a",
  libraries: [{ kind: "dynamic", path: "/a/libx.so", fileName: "libx.so", bytes: 1_500_000, sha256: "0" }],
  provenance: {
    ...{ rustc: "r", std: "installed", linker: "l", cCompiler: "c", sysroot: "zig" },
    ...{ profile: "release", gitCommit: "c", nativeStaticLibraries: [] },
  },
};
const packed: PackageFile = {
  kind: "archive",
  target,
  path: "/p/x.tar.gz",
  fileName: "x.tar.gz",
  bytes: 1,
  sha256: "1",
};
const executed: Verification = {
  ...{ triple: target.triple, claim: "executed", archiveSha256: "1", links: [], skipped: [], limits: [] },
  libraries: [],
  runs: [],
};
const finding: Finding = {
  ...{
    gate: "elf-soname",
    severity: "error",
    file: "libx.so",
    title: "has no name",
    fix: "link with -soname",
  },
  evidence: { section: ".dynamic", offset: 16, value: "none" },
};

const good: Stages = {
  inspect: () => made([]),
  verify: () => made({ findings: [], gates: [] }),
  package: () => made([packed]),
  packageShared: () => Promise.resolve([]),
  packageTogether: () => Promise.resolve({ packages: [], links: [] }),
  startSmoke: () => undefined,
  smoke: () => made(executed),
  report: () => Promise.resolve("/r/index.html"),
  close: () => Promise.resolve(),
};

function made<T>(result: T): Promise<Outcome<T>> {
  return Promise.resolve({ result, seconds: 1, reused: false });
}

const plain = { askedFor: false, forbidSkips: false };
const strict = { askedFor: true, forbidSkips: true };

function run(
  changes: Partial<Stages>,
  build: () => Promise<Artifact> = () => Promise.resolve(artifact),
  settings: Partial<TargetRunContext> = {},
): Promise<TargetReport> {
  const context = {
    ...{ stages: { ...good, ...changes }, progress: { emit: () => undefined }, until: "smoke" as const },
    durations: { expected: () => undefined, record: () => undefined },
    explain: (failure: TargetFailure) => Promise.resolve(failure),
    moveOn: () => Promise.resolve(),
    ...settings,
  };
  return runTarget(toolchain, "zig", {
    ...context,
    build: (_plan, step) => step("build", build, () => "built"),
  });
}

function supported(): ToolchainPlan {
  const plan = planToolchain(target, linuxBox);
  return plan.kind === "supported" ? plan : fail(plan.reason);
}

function fail(message: string): never {
  throw new Error(message);
}

function toolError(family: ErrorFamily): ToolError {
  return new ToolError({ code: "x", family, message: `a ${family} error\nwith detail`, remedy: "do this" });
}

describe("runTarget", () => {
  it("goes through all stages in order", async () => {
    const report = await run({});
    expect(report.steps.map(({ step }) => step)).toEqual(["build", "inspect", "verify", "package", "smoke"]);
    expect(summarize(report)).toMatchObject({
      ...{ planned: true, built: true, inspected: true, ran: "executed", packaged: true },
      ...{ bytes: 1_500_000, reason: "zig" },
    });
    expect(exitCodeOf([report], strict)).toBe(0);
  });

  it.each([
    ["build", ["build"]],
    ["verify", ["build", "inspect", "verify"]],
    ["package", ["build", "inspect", "verify", "package"]],
  ] as const)("ends after %s when told so", async (until, steps) => {
    const report = await run({}, undefined, { until });
    expect(report.steps.map(({ step }) => step)).toEqual(steps);
    expect(exitCodeOf([report], strict)).toBe(0);
  });

  it("shows what a step took when it ran, where its result was found", async () => {
    const found = { result: { findings: [], gates: [] }, seconds: 12.34, reused: true };
    const recorded: string[] = [];
    const durations = {
      expected: () => 9,
      record: (_triple: string, step: string) => void recorded.push(step),
    };
    const report = await run({ verify: () => Promise.resolve(found) }, undefined, { durations });
    expect(report.steps.find(({ step }) => step === "verify")).toMatchObject({ seconds: 12.3, reused: true });
    expect(recorded).toEqual(["build", "inspect", "package", "smoke"]);
  });

  it("packs nothing that has a finding", async () => {
    const report = await run({
      verify: () => made({ findings: [finding], gates: [] }),
      package: () => fail("packed"),
    });
    expect(summarize(report)).toMatchObject({ built: true, inspected: false, ran: null, packaged: false });
    expect(exitCodeOf([report], plain)).toBe(1);
  });

  it("goes on after a warning", async () => {
    const report = await run({
      verify: () => made({ findings: [{ ...finding, severity: "warning" }], gates: [] }),
    });
    expect(summarize(report).packaged).toBe(true);
    expect(exitCodeOf([report], strict)).toBe(0);
  });

  it("fails with 1 on a compile error, and keeps message and remedy", async () => {
    const report = await run({}, () => Promise.reject(toolError("finding")));
    expect(report.failure).toMatchObject({ remedy: "do this" });
    expect(summarize(report)).toMatchObject({ built: false, reason: "a finding error" });
    expect(exitCodeOf([report], plain)).toBe(1);
  });

  it("counts what turns out to be missing on the way as not buildable here", async () => {
    const report = await run({}, () => Promise.reject(toolError("environment")));
    expect(report).toMatchObject({ planned: false, remedy: "do this" });
    expect(exitCodeOf([report, await run({})], plain)).toBe(0);
    expect(exitCodeOf([report, await run({})], strict)).toBe(3);
  });

  it("fails with 1 when a packaged library does not run", async () => {
    const broken = { client: "c-dynamic", ok: false, tail: "exit 5" } as Verification["runs"][number];
    const report = await run({ smoke: () => made({ ...executed, runs: [broken] }) });
    expect(report.steps.at(-1)).toMatchObject({ step: "smoke", ok: false });
    expect(exitCodeOf([report], plain)).toBe(1);
  });

  it("lets a skipped client pass unless skips are forbidden", async () => {
    const skipped = [
      { client: "node", reason: "no qemu", remedy: "apt-get install qemu-user-static" },
    ] as const;
    const report = await run({ smoke: () => made({ ...executed, skipped }) });
    expect(exitCodeOf([report], plain)).toBe(0);
    expect(exitCodeOf([report], strict)).toBe(3);
  });

  it("records a defect of the tools without losing the run", async () => {
    const report = await run({ inspect: () => Promise.reject(new TypeError("oops")) });
    expect(report.failure).toMatchObject({ code: "defect" });
    expect(exitCodeOf([report], plain)).toBe(1);
  });

  it("lets an interrupt through", async () => {
    await expect(run({}, () => Promise.reject(toolError("interrupted")))).rejects.toMatchObject({
      exitCode: 130,
    });
  });
});

describe("the outcome of a run", () => {
  const missing: TargetReport = {
    ...{ target, planned: false, reason: "no SDK", remedy: "install it", seconds: 0 },
    ...{ steps: [], findings: [], packages: [] },
  };

  it("is 3 when nothing could be built at all", () => {
    expect(exitCodeOf([missing], plain)).toBe(3);
  });

  it("puts a finding before something missing", async () => {
    const failed = await run({ verify: () => made({ findings: [finding], gates: [] }) });
    expect(exitCodeOf([missing, failed], strict)).toBe(1);
  });

  it("is shown as a table and, below it, every problem with its fix", async () => {
    const targetReports = [await run({ verify: () => made({ findings: [finding], gates: [] }) }), missing];
    const report = {
      ...{ project: { name: "x", version: "1" }, gitCommit: "c", startedAt: "", seconds: 1, host: "h" },
      ...{ tools: [], targets: targetReports, packages: [], links: [] },
    };
    expect(renderTable(report)).toMatch(/target +built +inspected +ran +packaged +MB +seconds/);
    expect(renderTable(report)).toContain("not here");
    expect(renderProblems(report)).toContain("elf-soname");
    expect(renderProblems(report)).toContain("fix: link with -soname");
  });
});
