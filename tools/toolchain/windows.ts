// Windows: gnullvm from any host through zig; for MSVC Visual Studio where the machine has it, else static libraries only.
import type { Target } from "../matrix/target.ts";
import { cHeaderArguments, cHeaders } from "./c-headers.ts";
import type { ToolLauncher } from "./launcher.ts";
import { stdProviders } from "./std.ts";
import type { HostFacts, ToolchainPlan, ToolchainProvider } from "./toolchain.ts";
import { zigPlan } from "./zig-plan.ts";
import { missingZig, zigClang, zigEnvironment, zigProgram } from "./zig.ts";

export const windows: ToolchainProvider = (target, facts) => {
  if (target.family !== "windows-msvc" && target.family !== "windows-gnullvm") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  if (target.family === "windows-msvc" && facts.hasMsvc) return withVisualStudio(target, std);
  const missing = missingZig(target, facts);
  if (missing !== undefined) return missing;
  if (target.family === "windows-msvc") return withoutSdk(target, facts, std);
  return { ...zigPlan(target, facts, std), dlltool: [zigProgram(facts.zig), "dlltool"], rustFlags };
};

/**
 * Microsoft's crates then name each DLL by itself, and rustc makes the imports. Otherwise they link an import library of
 * their own out of cargo's cache, which users of a static library do not have.
 */
const rustFlags = ["--cfg=windows_raw_dylib"];

/** An archive needs no linker and nothing of Microsoft's: what it leaves open, the user's Visual Studio has. */
function withoutSdk(target: Target, facts: HostFacts, std: ToolchainPlan["std"]): ToolchainPlan {
  const headers = cHeaders(facts);
  return {
    kind: "supported",
    target: { ...target, libraries: ["static"] },
    limit: "static library only: a DLL needs Microsoft's C runtime and Windows SDK",
    linker: "none",
    cCompiler: `clang of zig ${facts.zig.version}`,
    sysroot: "none",
    dialect: "msvc",
    std,
    usesZig: true,
    generated: [headers],
    compiler: zigClang(
      facts,
      // clang imitates Microsoft's time stamps in objects for incremental links; here they would only differ.
      [
        `--target=${target.triple}`,
        "-mno-incremental-linker-compatible",
        ...cHeaderArguments(headers, facts),
      ],
    ),
    archiver: librarian(facts),
    rustFlags,
    environment: zigEnvironment(facts),
  };
}

/** Takes the arguments of Microsoft's lib.exe, which the cc crate uses for this target. */
function librarian(facts: HostFacts): ToolLauncher {
  const program = zigProgram(facts.zig);
  return {
    name: "ar",
    program,
    before: ["ar"],
    after: [],
    rules: "librarian",
    environment: zigEnvironment(facts),
  };
}

/** rustc and the cc crate find Visual Studio by themselves. */
function withVisualStudio(target: Target, std: ToolchainPlan["std"]): ToolchainPlan {
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
