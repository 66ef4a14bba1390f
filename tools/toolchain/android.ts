// Android: the NDK where the user has one, else zig's clang and rust-lld over generated stub libraries.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { androidClangTarget, androidStubs } from "./android-stubs.ts";
import { cHeaderArguments, cHeaders } from "./c-headers.ts";
import { lldLauncher, lldName } from "./rust-lld.ts";
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

/** The NDK's own clang; on this road page sizes come with the link arguments all the same. */
function withNdk(
  target: Target,
  api: number,
  facts: HostFacts,
  ndk: string,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  const tools = ndkTools(ndk, facts.platform);
  const program = join(tools, `${androidClangTarget(target, api)}-clang`);
  return {
    kind: "supported",
    target,
    linker: "lld of the NDK",
    cCompiler: "clang of the NDK",
    sysroot: "sdk",
    dialect: "gnu-cc",
    std,
    usesZig: false,
    generated: [],
    compiler: { name: "cc", program, before: [], after: ["-g0"], rules: "plain" },
    archiver: { name: "ar", program: join(tools, "llvm-ar"), before: [], after: [], rules: "plain" },
    rustFlags: [],
    environment: {},
  };
}

/** Folder of an NDK's compilers for this host. */
export function ndkTools(ndk: string, platform: NodeJS.Platform): string {
  const host = { linux: "linux-x86_64", darwin: "darwin-x86_64", win32: "windows-x86_64" }[
    platform as string
  ];
  return join(ndk, "toolchains", "llvm", "prebuilt", host ?? "linux-x86_64", "bin");
}

/** The NDK that the environment names, else the newest of the SDK that it names, if its compilers are there. */
export function findNdk(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const named = [environment["ANDROID_NDK_HOME"], environment["ANDROID_NDK_ROOT"]];
  const sdks = [environment["ANDROID_HOME"], environment["ANDROID_SDK_ROOT"]];
  const candidates = [...named, ...sdks.flatMap((sdk) => (sdk === undefined ? [] : ndksOf(sdk)))];
  return candidates.find((folder) => folder !== undefined && existsSync(ndkTools(folder, platform)));
}

/** sdkmanager keeps NDKs side by side, each in a folder that is called by its version. */
function ndksOf(sdk: string): string[] {
  const folder = join(sdk, "ndk");
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions
    .sort((left, right) => right.localeCompare(left, "en", { numeric: true }))
    .map((version) => join(folder, version));
}
