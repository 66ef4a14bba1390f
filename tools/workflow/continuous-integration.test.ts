// The workflow must follow the table, pin every action, and stay free of needless rights.
import { expect, test } from "vitest";
import { parse } from "yaml";
import { targets } from "../matrix/targets.ts";
import { renderWorkflow } from "./continuous-integration.ts";

interface Workflow {
  readonly permissions: object;
  readonly jobs: {
    readonly target: { readonly strategy: { readonly matrix: { readonly triple: string[] } } };
  };
}

test("each target of the first tier has a job", () => {
  const workflow = parse(renderWorkflow(targets)) as Workflow;
  const firstTier = targets.filter((target) => target.tier === 1).map((target) => target.triple);
  expect(workflow.jobs.target.strategy.matrix.triple).toEqual(firstTier);
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
