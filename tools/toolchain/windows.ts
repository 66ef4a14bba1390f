// Windows: gnullvm from any host through zig; for MSVC Visual Studio or xwin's folder where there is one, else static libraries only.
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { cHeaderArguments, cHeaders } from "./c-headers.ts";
import type { ToolLauncher } from "./launcher.ts";
import { xwinHeaders } from "./microsoft-sdk.ts";
import { lldLauncher, lldName } from "./rust-lld.ts";
import { named, type VisualStudio, type Xwin } from "./sdk.ts";
import { stdProviders } from "./std.ts";
import type { HostFacts, RustFacts, ToolchainPlan, ToolchainProvider } from "./toolchain.ts";
import { windowsRuntime } from "./windows-runtime.ts";
import { zigPlan } from "./zig-plan.ts";
import { missingZig, zigClang, zigEnvironment, zigLibrary, zigProgram } from "./zig.ts";

export const windows: ToolchainProvider = (target, facts) => {
  if (target.family !== "windows-msvc" && target.family !== "windows-gnullvm") return undefined;
  const std = stdProviders(target, facts);
  if (!Array.isArray(std)) return std;
  const sdk = target.family === "windows-msvc" ? facts.microsoftSdk : undefined;
  if (sdk?.kind === "visual-studio" && sdk.cpus.includes(target.cpu))
    return withVisualStudio(target, sdk, std);
  const missing = missingZig(target, facts);
  if (missing !== undefined) return missing;
  if (sdk?.kind === "xwin" && sdk.libraries[target.cpu] !== undefined && facts.rust !== undefined)
    return withXwin(target, { ...facts, rust: facts.rust }, sdk, std);
  if (target.family === "windows-msvc") return withoutSdk(target, facts, std);
  return {
    ...zigPlan(target, facts, std),
    generated: windowsRuntime(target, facts),
    dlltool: [zigProgram(facts.zig), "dlltool"],
    rustFlags,
  };
};

/**
 * Microsoft's crates then name each DLL by itself, and rustc makes the imports. Otherwise they link an import library of
 * their own out of cargo's cache, which users of a static library do not have.
 */
const rustFlags = ["--cfg=windows_raw_dylib"];

/** vcruntime140.dll comes with no Windows; a static library's users choose their runtime by themselves. */
const staticRuntime = ["-Ctarget-feature=+crt-static"];

/** An archive needs no linker and nothing of Microsoft's: what it leaves open, the user's Visual Studio has. */
function withoutSdk(target: Target, facts: HostFacts, std: ToolchainPlan["std"]): ToolchainPlan {
  const headers = cHeaders(facts);
  return {
    ...clangPlan(target, facts, std, cHeaderArguments(headers, facts)),
    target: { ...target, libraries: ["static"] },
    limit: `static library only: ${whatDllsLack(target, facts)}`,
    generated: [headers],
  };
}

function whatDllsLack({ cpu }: Target, { microsoftSdk }: HostFacts): string {
  if (microsoftSdk === undefined) return "a DLL needs Microsoft's C runtime and Windows SDK";
  return `${microsoftSdk.folder} has no libraries for ${cpu}`;
}

/** Microsoft's own headers and libraries as xwin lays them out, under zig's clang and Rust's linker. */
function withXwin(
  target: Target,
  facts: HostFacts & { readonly rust: RustFacts },
  sdk: Xwin,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  const folders = [join(zigLibrary(facts.zig), "include"), ...xwinHeaders(sdk)];
  const headers = ["-nostdinc", ...folders.flatMap((folder) => ["-isystem", folder])];
  const libraries = (sdk.libraries[target.cpu] ?? []).map((folder) => `/libpath:${folder}`);
  return {
    ...clangPlan(target, facts, std, headers),
    linker: `${lldName(facts.rust)} over ${named("Microsoft's C runtime", sdk.version)}`,
    sysroot: "sdk",
    // Here and not among rustc's arguments, where paths would change the names of symbols.
    lld: lldLauncher(facts.rust, { after: libraries }),
    rustFlags: [...rustFlags, ...staticRuntime, "-Clinker-flavor=lld-link"],
  };
}

function clangPlan(
  target: Target,
  facts: HostFacts,
  std: ToolchainPlan["std"],
  headers: readonly string[],
): ToolchainPlan {
  return {
    kind: "supported",
    target,
    linker: "none",
    cCompiler: `clang of zig ${facts.zig.version}`,
    sysroot: "none",
    dialect: "msvc",
    std,
    usesZig: true,
    generated: [],
    // clang imitates Microsoft's time stamps in objects for incremental links; here they would only differ.
    compiler: zigClang(facts, [
      `--target=${target.triple}`,
      "-mno-incremental-linker-compatible",
      ...headers,
    ]),
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
function withVisualStudio(
  target: Target,
  { version }: VisualStudio,
  std: ToolchainPlan["std"],
): ToolchainPlan {
  return {
    kind: "supported",
    target,
    linker: `link.exe ${version} of Visual Studio`,
    cCompiler: `cl.exe ${version} of Visual Studio`,
    sysroot: "sdk",
    dialect: "msvc",
    std,
    usesZig: false,
    generated: [],
    rustFlags: [...rustFlags, ...staticRuntime],
    environment: {},
  };
}
