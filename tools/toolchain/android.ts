// Android: the NDK where the user has one, else zig's clang and rust-lld over generated stub libraries.
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { ndkProgram } from "./android-ndk.ts";
import { androidClangTarget, androidStubs } from "./android-stubs.ts";
import { cHeaderArguments, cHeaders } from "./c-headers.ts";
import { lldLauncher, lldName } from "./rust-lld.ts";
import { named, type AndroidNdk } from "./sdk.ts";
import { stdProviders } from "./std.ts";
import type { HostFacts, RustFacts, ToolchainPlan, ToolchainProvider } from "./toolchain.ts";
import { missingZig, zigArchiver, zigClang, zigEnvironment } from "./zig.ts";

export const android: ToolchainProvider = (target, facts) => {
  if (target.floor.kind !== "android") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  const { rust, androidNdk } = facts;
  if (rust === undefined) return undefined;
  if (androidNdk !== undefined) return withNdk(target, target.floor.api, facts, androidNdk, std);
  return missingZig(target, facts) ?? withStubs(target, target.floor.api, facts, rust, std);
};

function withStubs(
  target: Target,
  api: number,
  facts: HostFacts,
  rust: RustFacts,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  const stubs = androidStubs(target, api, facts, rust);
  const headers = cHeaders(facts);
  const file = (name: string): string => join(stubs.directory, name);
  return {
    kind: "supported",
    target,
    linker: lldName(rust),
    cCompiler: `clang of zig ${facts.zig.version}`,
    sysroot: "stub",
    dialect: "gnu-ld",
    std,
    usesZig: true,
    generated: [stubs, headers],
    compiler: zigClang(facts, [
      `--target=${androidClangTarget(target, api)}`,
      ...cHeaderArguments(headers, facts),
    ]),
    archiver: zigArchiver(facts),
    lld: lldLauncher(rust, {
      before: [`-L${stubs.directory}`, file("crtbegin_so.o")],
      after: [file("crtend_so.o")],
    }),
    rustFlags: ["-Clinker-flavor=ld.lld"],
    environment: zigEnvironment(facts),
  };
}

/** Called by its plain name, because the scripts that are named by target are no programs on Windows. */
function withNdk(
  target: Target,
  api: number,
  { platform }: HostFacts,
  { folder, version }: AndroidNdk,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  const program = (name: string): string => ndkProgram(folder, name, platform);
  return {
    kind: "supported",
    target,
    linker: `lld of ${named("NDK", version)}`,
    cCompiler: `clang of ${named("NDK", version)}`,
    sysroot: "sdk",
    dialect: "gnu-cc",
    std,
    usesZig: false,
    generated: [],
    compiler: {
      name: "cc",
      program: program("clang"),
      before: [`--target=${androidClangTarget(target, api)}`],
      after: ["-g0"],
      rules: "own-target",
    },
    archiver: { name: "ar", program: program("llvm-ar"), before: [], after: [], rules: "plain" },
    rustFlags: [],
    environment: {},
  };
}
