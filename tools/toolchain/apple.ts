// macOS and iOS: Xcode or osxcross where there is one, else zig's clang and rust-lld over a stub SDK made of zig's own files.
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { generatedFolder, type GeneratedFolder } from "./generated-folder.ts";
import type { ToolLauncher } from "./launcher.ts";
import { lldLauncher, lldName } from "./rust-lld.ts";
import { named, type AppleSdkName, type Osxcross } from "./sdk.ts";
import { stdProviders } from "./std.ts";
import type { HostFacts, RustFacts, ToolchainPlan, ToolchainProvider } from "./toolchain.ts";
import { missingZig, zigArchiver, zigClang, zigCompiler, zigEnvironment, zigLibrary } from "./zig.ts";

export const apple: ToolchainProvider = (target, facts) => {
  if (target.family !== "macos" && target.family !== "ios") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  if (facts.rust === undefined) return undefined;
  const { appleSdk } = facts;
  const sdk = sdkName(target);
  if (appleSdk?.kind === "xcode" && appleSdk.versions[sdk] !== undefined)
    return withXcode(target, sdk, appleSdk.versions[sdk], std);
  if (appleSdk?.kind === "osxcross" && sdk === "macosx" && appleSdk.prefixes[target.cpu] !== undefined)
    return withOsxcross(target, appleSdk, appleSdk.prefixes[target.cpu], std);
  return missingZig(target, facts) ?? withStubSdk(target, facts, facts.rust, std);
};

function withStubSdk(
  target: Target,
  facts: HostFacts,
  rust: RustFacts,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  const sdk = stubSdk(facts);
  return {
    kind: "supported",
    target,
    linker: lldName(rust),
    cCompiler: target.family === "macos" ? `zig ${facts.zig.version}` : `clang of zig ${facts.zig.version}`,
    sysroot: "stub",
    dialect: "darwin-ld",
    std,
    usesZig: true,
    generated: [sdk],
    compiler: target.family === "macos" ? zigCompiler(target, facts) : iosCompiler(target, facts),
    archiver: zigArchiver(facts),
    lld: lldLauncher(rust, {}),
    rustFlags: ["-Clinker-flavor=ld64.lld"],
    // Without SDKROOT rustc and the cc crate ask xcrun.
    environment: { ...zigEnvironment(facts), SDKROOT: sdk.directory, ...deploymentTarget(target) },
  };
}

/** zig cc knows no iOS; its plain clang does, with Darwin's headers in front of it. */
function iosCompiler(target: Target, facts: HostFacts): ToolLauncher {
  const library = zigLibrary(facts.zig);
  const headers = [join(library, "include"), join(library, "libc", "include", "any-macos-any")];
  return zigClang(facts, [
    `--target=${clangTarget(target)}`,
    ...headers.flatMap((folder) => ["-isystem", folder]),
  ]);
}

function clangTarget(target: Target): string {
  const cpu = target.cpu === "aarch64" ? "arm64" : "x86_64";
  const version = "version" in target.floor ? target.floor.version : "";
  return `${cpu}-apple-ios${version}${target.floor.kind === "ios-simulator" ? "-simulator" : ""}`;
}

/** zig's list of the system library's symbols under every name that Rust's libc crate links. */
function stubSdk(facts: HostFacts): GeneratedFolder {
  const darwin = join(zigLibrary(facts.zig), "libc", "darwin");
  const names = ["libSystem", "libSystem.B", "libc", "libm", "libpthread", "libdl"];
  return generatedFolder("Apple stub SDK", facts.cache, "apple-stub-sdk", {
    files: [
      { path: "SDKSettings.json", copyOf: join(darwin, "SDKSettings.json") },
      ...names.map((name) => ({ path: `usr/lib/${name}.tbd`, copyOf: join(darwin, "libSystem.tbd") })),
      { path: "usr/lib/libiconv.tbd", content: iconvStub },
    ],
    commands: [],
    environment: {},
  });
}

/** The libc crate links libiconv on every Apple system, and nothing of ours calls it. */
const iconvStub = `--- !tapi-tbd
tbd-version:     4
targets:         [ x86_64-macos, arm64-macos ]
install-name:    '/usr/lib/libiconv.2.dylib'
exports:
  - targets:         [ x86_64-macos, arm64-macos ]
    symbols:         [ _iconv, _iconv_close, _iconv_open, _iconvctl ]
...
`;

/** The oldest system that the compiled code may need, as rustc and clang read it. */
function deploymentTarget(target: Target): Record<string, string> {
  if (!("version" in target.floor)) return {};
  const variable = target.family === "macos" ? "MACOSX_DEPLOYMENT_TARGET" : "IPHONEOS_DEPLOYMENT_TARGET";
  return { [variable]: target.floor.version };
}

function sdkName({ floor }: Target): AppleSdkName {
  if (floor.kind === "ios-simulator") return "iphonesimulator";
  return floor.kind === "ios" ? "iphoneos" : "macosx";
}

/** Xcode's own tools, found through xcrun; not exercised where the stub SDK is built and tested. */
function withXcode(
  target: Target,
  sdk: AppleSdkName,
  version: string,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  return {
    kind: "supported",
    target,
    linker: `ld of Xcode (${named(sdk, version)})`,
    cCompiler: `clang of Xcode (${named(sdk, version)})`,
    sysroot: "sdk",
    dialect: "darwin-cc",
    std,
    usesZig: false,
    generated: [],
    ...(target.floor.kind === "macos" ? { compiler: xcodeCompiler(target.cpu, target.floor.version) } : {}),
    rustFlags: [],
    environment: { SDKROOT: undefined, ...deploymentTarget(target) },
  };
}

/** osxcross's clang knows its SDK and linker by itself. */
function withOsxcross(
  target: Target,
  { bin, sdk, version }: Osxcross,
  prefix: string | undefined,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  const program = (name: string): string => join(bin, `${prefix}-${name}`);
  return {
    kind: "supported",
    target,
    linker: `ld of osxcross (${named("macosx", version)})`,
    cCompiler: `clang of osxcross (${named("macosx", version)})`,
    sysroot: "sdk",
    dialect: "darwin-cc",
    std,
    usesZig: false,
    generated: [],
    compiler: { name: "cc", program: program("clang"), before: [], after: ["-g0"], rules: "own-target" },
    archiver: { name: "ar", program: program("ar"), before: [], after: [], rules: "plain" },
    rustFlags: [],
    // Without SDKROOT rustc and the cc crate ask xcrun.
    environment: { SDKROOT: sdk, ...deploymentTarget(target) },
  };
}

/** Also compiles and links the addon; iOS has none and leaves the choice to rustc. */
function xcodeCompiler(cpu: Target["cpu"], minimumVersion: string): ToolLauncher {
  const architecture = cpu === "aarch64" ? "arm64" : "x86_64";
  const before = [
    "--sdk",
    "macosx",
    "clang",
    "-arch",
    architecture,
    `-mmacosx-version-min=${minimumVersion}`,
  ];
  return { name: "cc", program: "xcrun", before, after: ["-g0"], rules: "plain" };
}
