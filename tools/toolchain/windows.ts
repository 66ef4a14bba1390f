// Windows: gnullvm from any host through zig, MSVC where the machine itself has it.
import type { Target } from "../matrix/target.ts";
import { stdProviders } from "./std.ts";
import type { HostFacts, ToolchainPlan, ToolchainProvider, Unsupported } from "./toolchain.ts";
import { zigPlan } from "./zig-plan.ts";
import { missingZig, zigProgram } from "./zig.ts";

export const windows: ToolchainProvider = (target, facts) => {
  if (target.family === "windows-msvc") return msvc(target, facts);
  if (target.family !== "windows-gnullvm") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  const dlltool = [zigProgram(facts.zig), "dlltool"];
  return missingZig(target, facts) ?? { ...zigPlan(target, facts, std), dlltool };
};

/** rustc and the cc crate find Visual Studio by themselves. */
function msvc(target: Target, facts: HostFacts): ToolchainPlan | Unsupported {
  if (!facts.hasMsvc) {
    return {
      kind: "unsupported",
      target,
      reason: "needs Microsoft's C runtime and Windows SDK, which this machine does not have",
      remedy: `on Windows: winget install Microsoft.VisualStudio.2022.BuildTools, then npm run matrix -- --target ${target.triple}`,
    };
  }
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  return {
    kind: "supported",
    target,
    linker: "link.exe of Visual Studio",
    cCompiler: "cl.exe of Visual Studio",
    sysroot: "sdk",
    dialect: "msvc",
    std,
    usesZig: false,
    generated: [],
    rustFlags: [],
    environment: {},
  };
}
