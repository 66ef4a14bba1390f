// Chooses a runner and fetches what it lacks, as long as something that anybody may fetch is all that is missing.
import { treeDirectory } from "./debian-tree.ts";
import type { Machine, RunnerChoice } from "./runner.ts";
import type { SmokeBench } from "./smoke-bench.ts";
import { fetchTree, trees, type TreeName } from "./trees.ts";

export type ResolvedRunner =
  | Exclude<RunnerChoice, { readonly kind: "missing" }>
  | {
      readonly kind: "missing";
      readonly reason: string;
      readonly remedy: string;
      /** Another run may get what this one did not. */
      readonly transient: boolean;
    };

export async function resolveRunner(
  { host, request }: Pick<SmokeBench, "host" | "request">,
  choose: (machine: Machine) => RunnerChoice,
): Promise<ResolvedRunner> {
  const fetched = new Map<TreeName, string>();
  for (;;) {
    const choice = choose({ host, tree: (name) => fetched.get(name) });
    if (choice.kind !== "missing") return choice;
    const { reason, remedy, tree } = choice;
    const outcome = await fetchTree(tree, { ...request, host });
    // Asked after the fetch: what is there then is what the run depended on.
    host.exists(treeDirectory(trees[tree], request.cacheDirectory));
    if (outcome.kind === "missing")
      return {
        kind: "missing",
        reason: `${reason}; ${outcome.reason}`,
        remedy,
        transient: outcome.isTransient,
      };
    fetched.set(tree, outcome.directory);
  }
}
