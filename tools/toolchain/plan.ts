// Asks the providers in turn for a target's toolchain.
import type { Target } from "../matrix/target.ts";
import { android } from "./android.ts";
import { apple } from "./apple.ts";
import { linux } from "./linux.ts";
import type { HostFacts, ToolchainPlan, ToolchainProvider, Unsupported } from "./toolchain.ts";
import { windows } from "./windows.ts";

const providers: readonly ToolchainProvider[] = [linux, windows, apple, android];

export function planToolchain(target: Target, facts: HostFacts): ToolchainPlan | Unsupported {
  for (const provider of providers) {
    const answer = provider(target, facts);
    if (answer !== undefined) return answer;
  }
  return {
    kind: "unsupported",
    target,
    reason: `no toolchain provider knows the family ${target.family}`,
    remedy: "add a provider in tools/toolchain/",
  };
}

/** One line for people: with what the target is built here. */
export function describeToolchain(plan: ToolchainPlan, facts: HostFacts): string {
  const std = {
    installed: "std installed",
    rustup: "std by rustup target add",
    "build-std": "std built from rust-src",
  };
  const zig = plan.usesZig && facts.zig.state.kind === "fetchable" ? " (zig fetched with pip)" : "";
  const sysroot = plan.sysroot === "stub" ? ", stub sysroot" : "";
  return `${plan.linker}${zig}${sysroot}, ${std[plan.std[0] ?? "installed"]}`;
}
