// Asks the providers in turn for a target's toolchain.
import type { Target } from "../matrix/target.ts";
import { targets } from "../matrix/targets.ts";
import { android } from "./android.ts";
import { apple } from "./apple.ts";
import { linux } from "./linux.ts";
import { joinedPlan } from "./joined-plan.ts";
import type { HostFacts, ToolchainPlan, ToolchainProvider, Unsupported } from "./toolchain.ts";
import { web } from "./web.ts";
import { windows } from "./windows.ts";
import { hostLinker } from "./zig.ts";

const providers: readonly ToolchainProvider[] = [linux, windows, apple, android, web];

export function planToolchain(
  target: Target,
  facts: HostFacts,
  table: readonly Target[] = targets,
): ToolchainPlan | Unsupported {
  if (target.slices !== undefined)
    return joinedPlan(target, table, (slice) => planToolchain(slice, facts, table));
  for (const provider of providers) {
    const answer = provider(target, facts);
    if (answer !== undefined) return answer.kind === "supported" ? withHostLinker(answer, facts) : answer;
  }
  return {
    kind: "unsupported",
    target,
    reason: `no toolchain provider knows the family ${target.family}`,
    remedy: "add a provider in tools/toolchain/",
  };
}

/** A machine with Node, Rust and pip alone has no linker for the build scripts of crates. */
function withHostLinker(plan: ToolchainPlan, facts: HostFacts): ToolchainPlan {
  const linker = facts.hasCc ? undefined : hostLinker(facts);
  return linker === undefined ? plan : { ...plan, usesZig: true, buildScripts: linker };
}

/** One line for people: with what the target is built here. */
export function describeToolchain(plan: ToolchainPlan, facts: HostFacts): string {
  const std = {
    installed: "std installed",
    rustup: "std by rustup target add",
    "build-std": "std built from rust-src",
    distribution: "std built from the distribution's sources",
  };
  if (plan.slices !== undefined)
    return `made of ${plan.slices.map(({ target }) => target.triple).join(" and ")}`;
  const zig = plan.usesZig && facts.zig.state.kind === "fetchable" ? " (zig fetched with pip)" : "";
  const linker = plan.linker === "none" ? plan.cCompiler : plan.linker;
  const sysroot = plan.sysroot === "stub" ? ", stub sysroot" : "";
  const limit = plan.limit === undefined ? "" : `; ${plan.limit}`;
  return `${linker}${zig}${sysroot}, ${std[plan.std[0] ?? "installed"]}${limit}`;
}
