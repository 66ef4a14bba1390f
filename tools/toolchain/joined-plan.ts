// The plan of a target that is made of others: their plans, or the reason why one of them has none.
import type { Target } from "../matrix/target.ts";
import type { Sysroot, ToolchainPlan, Unsupported } from "./toolchain.ts";

export function joinedPlan(
  target: Target,
  table: readonly Target[],
  planSlice: (slice: Target) => ToolchainPlan | Unsupported,
): ToolchainPlan | Unsupported {
  const answers = (target.slices ?? []).map((triple) => planSlice(rowOf(triple, table)));
  const missing = answers.find((answer) => answer.kind === "unsupported");
  if (missing !== undefined)
    return { ...missing, target, reason: `needs ${missing.target.triple}: ${missing.reason}` };
  const slices = answers.filter((answer) => answer.kind === "supported");
  const [first] = slices;
  if (first === undefined) throw new TypeError(`${target.triple} is made of nothing`);
  return { ...first, target, slices, sysroot: weakest(slices), rustFlags: [], environment: {} };
}

function rowOf(triple: string, table: readonly Target[]): Target {
  const row = table.find((candidate) => candidate.triple === triple);
  if (row === undefined) throw new TypeError(`the table has no target ${triple}`);
  return row;
}

/** One slice over stubs makes the whole one over stubs. */
function weakest(slices: readonly ToolchainPlan[]): Sysroot {
  const kinds = slices.map(({ sysroot }) => sysroot);
  return kinds.find((kind) => kind === "stub") ?? kinds[0] ?? "none";
}
