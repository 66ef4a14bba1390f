// WebAssembly: the linker is the Rust toolchain's; zig compiles C that needs no C library.
import type { ToolchainProvider } from "./toolchain.ts";
import { lldLauncher, lldName } from "./rust-lld.ts";
import { stdProviders } from "./std.ts";
import { zigPlan } from "./zig-plan.ts";
import { missingZig } from "./zig.ts";

export const web: ToolchainProvider = (target, facts) => {
  if (target.family !== "web") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  if (facts.rust === undefined) return undefined;
  return (
    missingZig(target, facts) ?? {
      ...zigPlan(target, facts, std),
      linker: lldName(facts.rust),
      dialect: "wasm-ld",
      sysroot: "none",
      lld: lldLauncher(facts.rust, {}),
    }
  );
};
