// Linux with glibc or musl: zig compiles C and links, against the oldest C library that the target promises.
import type { HostFacts, ToolchainPlan, ToolchainProvider } from "./toolchain.ts";
import { stdProviders } from "./std.ts";
import { missingZig, zigArchiver, zigCompiler, zigEnvironment } from "./zig.ts";

export const linux: ToolchainProvider = (target, facts) => {
  if (target.family !== "linux-gnu" && target.family !== "linux-musl") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  return missingZig(target, facts) ?? plan(target, facts, std);
};

function plan(target: ToolchainPlan["target"], facts: HostFacts, std: ToolchainPlan["std"]): ToolchainPlan {
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
    rustFlags: target.family === "linux-musl" ? muslFlags : [],
    environment: zigEnvironment(facts),
  };
}

/** A shared library needs the C library of the system it is loaded on; zig brings its own start files. */
const muslFlags = ["-Ctarget-feature=-crt-static", "-Clink-self-contained=no"];
