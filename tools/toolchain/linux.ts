// Linux with glibc or musl: zig compiles C and links, against the oldest C library that the target promises.
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import type { HostFacts, ToolchainPlan, ToolchainProvider } from "./toolchain.ts";
import { stdProviders } from "./std.ts";
import { zigPlan } from "./zig-plan.ts";
import { missingZig } from "./zig.ts";

export const linux: ToolchainProvider = (target, facts) => {
  if (target.family !== "linux-gnu" && target.family !== "linux-musl") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  const libc = target.family === "linux-musl" ? muslPlan(target, facts) : { rustFlags: [] };
  return missingZig(target, facts) ?? { ...zigPlan(target, facts, std), ...libc };
};

function muslPlan({ triple }: Target, { rust }: HostFacts): Pick<ToolchainPlan, "rustFlags" | "staticLibc"> {
  if (rust === undefined) return { rustFlags: muslFlags };
  const staticLibc = join(rust.sysroot, "lib/rustlib", triple, "lib/self-contained");
  return { rustFlags: muslFlags, staticLibc };
}

/** A shared library needs the C library of the system it is loaded on; zig brings its own start files. */
const muslFlags = ["-Ctarget-feature=-crt-static", "-Clink-self-contained=no"];
