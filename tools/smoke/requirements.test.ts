// What smoke runs need must be what the gate provisions.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { project } from "../../nnrp.project.ts";
import { runnerPackages } from "./requirements.ts";

test("the gate provisions every package that a smoke run may need", () => {
  const provisioned = readFileSync(join(project.root, ".ci/provision"), "utf8").split(/\s+/);
  const needed = new Set(Object.values(runnerPackages).flat());
  expect([...needed].filter((name) => !provisioned.includes(name))).toEqual([]);
});
