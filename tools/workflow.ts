// Entry: writes .github/workflows/ci.yml from the target table; --check only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { project } from "../nnrp.project.ts";
import { targets } from "./matrix/targets.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes, ToolError } from "./shared/errors.ts";
import { renderWorkflow, workflowPath } from "./workflow/continuous-integration.ts";

await runEntry(() => {
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    console.log(`usage: npx tsx tools/workflow.ts [--check]\nWrites ${workflowPath}; --check only compares.`);
    return Promise.resolve(exitCodes.ok);
  }
  const file = join(project.root, workflowPath);
  const fresh = renderWorkflow(targets);
  if (!values.check) writeFileSync(file, fresh);
  else if (readFileSync(file, "utf8") !== fresh) {
    throw new ToolError({
      code: "workflow-drift",
      family: "finding",
      message: `${workflowPath} differs from what the target table gives`,
      remedy: "npx tsx tools/workflow.ts",
    });
  }
  return Promise.resolve(exitCodes.ok);
});
