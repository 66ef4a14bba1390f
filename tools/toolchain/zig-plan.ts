// The plan of a target for which zig is everything: C compiler, linker, archiver and C library.
import type { Target } from "../matrix/target.ts";
import type { HostFacts, ToolchainPlan } from "./toolchain.ts";
import { zigArchiver, zigCompiler, zigEnvironment } from "./zig.ts";

/** Callers add what their family needs on top. */
export function zigPlan(target: Target, facts: HostFacts, std: ToolchainPlan["std"]): ToolchainPlan {
  return {
    kind: "supported",
    target,
    linker: `zig ${facts.zig.version}`,
    cCompiler: `zig ${facts.zig.version}`,
    sysroot: "zig",
    dialect: "gnu-cc",
    std,
    usesZig: true,
    generated: [],
    compiler: zigCompiler(target, facts),
    archiver: zigArchiver(facts),
    rustFlags: [],
    environment: zigEnvironment(facts),
  };
}
