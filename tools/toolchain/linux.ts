// Linux with glibc or musl: zig compiles C and links, against the oldest C library that the target promises.
import type { ToolchainProvider } from "./toolchain.ts";
import { stdProviders } from "./std.ts";
import { zigPlan } from "./zig-plan.ts";
import { missingZig } from "./zig.ts";

export const linux: ToolchainProvider = (target, facts) => {
  if (target.family !== "linux-gnu" && target.family !== "linux-musl") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  const rustFlags = target.family === "linux-musl" ? muslFlags : [];
  return missingZig(target, facts) ?? { ...zigPlan(target, facts, std), rustFlags };
};

/** A shared library needs the C library of the system it is loaded on; zig brings its own start files. */
const muslFlags = ["-Ctarget-feature=-crt-static", "-Clink-self-contained=no"];
