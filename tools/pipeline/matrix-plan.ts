// The plan of a run: for every selected target, with what it is built here, or why not and what would change that.
import { crateFor } from "../matrix/crate.ts";
import type { SelectedTargets } from "../matrix/select.ts";
import type { Target } from "../matrix/target.ts";
import type { Project } from "../shared/project.ts";
import { describeToolchain, planToolchain } from "../toolchain/plan.ts";
import type { HostFacts, ToolchainPlan } from "../toolchain/toolchain.ts";

export interface MatrixPlan {
  readonly host: string;
  readonly askedFor: boolean;
  readonly rows: readonly PlanRow[];
  /** Targets that the project has nothing for, where nobody named them: no part of the run. */
  readonly omitted: readonly { readonly target: Target; readonly text: string }[];
}

export type PlanRow =
  | { readonly target: Target; readonly toolchain: ToolchainPlan; readonly text: string }
  | {
      readonly target: Target;
      readonly toolchain: undefined;
      readonly text: string;
      readonly remedy: string;
    };

export function planMatrix(selected: SelectedTargets, facts: HostFacts, project: Project): MatrixPlan {
  const hasCrate = (target: Target): boolean => crateFor(project, target) !== undefined;
  const { targets, askedFor, named } = selected;
  return {
    host: facts.triple,
    askedFor,
    rows: targets
      .filter((target) => named || hasCrate(target))
      .map((target) => planRow(target, facts, project)),
    omitted: targets
      .filter((target) => !named && !hasCrate(target))
      .map((target) => ({ target, text: nothingFor(target, project) })),
  };
}

function nothingFor({ family }: Target, { name }: Project): string {
  return `nothing to build: ${name} has no crate for the family ${family}`;
}

function planRow(target: Target, facts: HostFacts, project: Project): PlanRow {
  if (crateFor(project, target) === undefined) {
    const remedy = "name the crate in the project's file";
    return { target, toolchain: undefined, text: nothingFor(target, project), remedy };
  }
  const answer = planToolchain(target, facts);
  if (answer.kind === "supported")
    return { target, toolchain: answer, text: describeToolchain(answer, facts) };
  return { target, toolchain: undefined, text: answer.reason, remedy: answer.remedy };
}

/** The plan for people: one line a target, the remedy below what cannot be built. */
export function renderPlan(plan: MatrixPlan): string {
  const width = Math.max(...[...plan.rows, ...plan.omitted].map(({ target }) => target.triple.length));
  const buildable = plan.rows.filter(({ toolchain }) => toolchain !== undefined).length;
  const lines = plan.rows.flatMap((row) => {
    const name = row.target.triple.padEnd(width);
    if (row.toolchain !== undefined) return [`  + ${name}  ${row.text}`];
    return [`  - ${name}  ${row.text}`, `    ${" ".repeat(width)}  to change that: ${row.remedy}`];
  });
  return [
    `plan: ${buildable} of ${plan.rows.length} targets can be built here (host ${plan.host})`,
    ...lines,
    ...plan.omitted.map(({ target, text }) => `  = ${target.triple.padEnd(width)}  ${text}`),
  ].join("\n");
}
