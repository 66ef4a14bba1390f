// Which targets a command line means: all, some by triple, by family, or the host's own.
import { ToolError } from "../shared/errors.ts";
import { nearestNames } from "../shared/nearest.ts";
import type { Target } from "./target.ts";

export interface Selection {
  readonly all: boolean;
  /** Triples, or "host". */
  readonly targets: readonly string[];
  readonly families: readonly string[];
}

export interface SelectedTargets {
  /** Host first, then in the order of the table. */
  readonly targets: readonly Target[];
  /** True where the user named what to build: something missing is then an error, not a remark. */
  readonly askedFor: boolean;
  /** True where targets or families were named one by one. */
  readonly named: boolean;
}

export function selectTargets(
  selection: Selection,
  table: readonly Target[],
  hostTriple: string,
): SelectedTargets {
  const named = selection.targets.map((name) => findTriple(name === "host" ? hostTriple : name, table));
  const members = selection.families.flatMap((family) => findFamily(family, table));
  const isNarrowed = named.length + members.length > 0;
  const chosen =
    selection.all || !isNarrowed ? table : table.filter((target) => [...named, ...members].includes(target));
  return {
    targets: [...chosen].sort(
      (left, right) => Number(right.triple === hostTriple) - Number(left.triple === hostTriple),
    ),
    askedFor: selection.all || isNarrowed,
    named: isNarrowed,
  };
}

function findTriple(name: string, table: readonly Target[]): Target {
  const target = table.find(({ triple }) => triple === name);
  if (target !== undefined) return target;
  throw unknownName("target", name, [...table.map(({ triple }) => triple), "host"]);
}

function findFamily(name: string, table: readonly Target[]): readonly Target[] {
  const members = table.filter(({ family }) => family === name);
  if (members.length > 0) return members;
  throw unknownName("family", name, [...new Set(table.map(({ family }) => family))]);
}

function unknownName(what: "target" | "family", name: string, known: readonly string[]): ToolError {
  const near = nearestNames(name, known);
  return new ToolError({
    code: `unknown-${what}`,
    family: "usage",
    message: `unknown ${what} "${name}"`,
    remedy: near.length > 0 ? `did you mean ${near.join(", ")}?` : `one of: ${known.join(", ")}`,
  });
}
