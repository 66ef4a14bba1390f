// The plan of a run: for every selected target, with what it is built here, or why not and what would change that.
import type { SelectedTargets } from "../matrix/select.ts";
import type { Target } from "../matrix/target.ts";
import { describeToolchain, planToolchain } from "../toolchain/plan.ts";
import type { HostFacts, ToolchainPlan } from "../toolchain/toolchain.ts";

export interface MatrixPlan {
  readonly host: string;
  readonly askedFor: boolean;
  readonly rows: readonly PlanRow[];
}

export type PlanRow =
  | { readonly target: Target; readonly toolchain: ToolchainPlan; readonly text: string }
  | {
      readonly target: Target;
      readonly toolchain: undefined;
      readonly text: string;
      readonly remedy: string;
    };

export function planMatrix(selected: SelectedTargets, facts: HostFacts): MatrixPlan {
  return {
    host: facts.triple,
    askedFor: selected.askedFor,
    rows: selected.targets.map((target) => planRow(target, facts)),
  };
}

function planRow(target: Target, facts: HostFacts): PlanRow {
  const answer = planToolchain(target, facts);
  if (answer.kind === "supported")
    return { target, toolchain: answer, text: describeToolchain(answer, facts) };
  return { target, toolchain: undefined, text: answer.reason, remedy: answer.remedy };
}

/** The plan for people: one line a target, the remedy below what cannot be built. */
export function renderPlan(plan: MatrixPlan): string {
  const width = Math.max(...plan.rows.map(({ target }) => target.triple.length));
  const buildable = plan.rows.filter(({ toolchain }) => toolchain !== undefined).length;
  const lines = plan.rows.flatMap((row) => {
    const name = row.target.triple.padEnd(width);
    if (row.toolchain !== undefined) return [`  + ${name}  ${row.text}`];
    return [`  - ${name}  ${row.text}`, `    ${" ".repeat(width)}  to change that: ${row.remedy}`];
  });
  return [
    `plan: ${buildable} of ${plan.rows.length} targets can be built here (host ${plan.host})`,
    ...lines,
  ].join("\n");
}
