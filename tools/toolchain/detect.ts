// Looks at the machine once: Rust, zig, SDKs. Everything after this is a function of what was found.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Folders } from "../matrix/folders.ts";
import { hostTriple, thisHost } from "../matrix/host.ts";
import type { Process } from "../shared/process.ts";
import { findNdk } from "./android-ndk.ts";
import { findAppleSdk } from "./apple-sdk.ts";
import { isIntact, zigFolder, zigRequirement } from "./fetch-zig.ts";
import { findMicrosoftSdk } from "./microsoft-sdk.ts";
import { probeWith, type Probe } from "./probe.ts";
import { installedTargets } from "./std.ts";
import type { DistributionRust, HostFacts, RustFacts, StdChoice, ZigFacts } from "./toolchain.ts";

export async function detectHost(
  folders: Folders,
  process: Process,
  { offline, std = "auto" }: { readonly offline: boolean; readonly std?: StdChoice },
): Promise<HostFacts> {
  const probe = probeWith(process, folders.root);
  const { platform, env } = globalThis.process;
  const [rust, distribution, cc, zig, appleSdk, microsoftSdk] = await Promise.all([
    detectRust(probe),
    platform === "linux" ? detectDistribution(probe) : undefined,
    platform === "linux" ? probe("cc", ["--version"]) : "part of the system's SDK",
    detectZig(probe, folders.cache, platform),
    findAppleSdk(probe, env, platform),
    findMicrosoftSdk(probe, env, platform),
  ]);
  return {
    triple: hostTriple(thisHost()),
    platform,
    offline,
    std,
    cache: folders.cache,
    hasCc: cc !== undefined,
    rust,
    distribution,
    zig,
    androidNdk: findNdk(env, platform),
    appleSdk,
    microsoftSdk,
  };
}

async function detectRust(probe: Probe): Promise<RustFacts | undefined> {
  const [verbose, sysroot, known, cargo] = await Promise.all([
    probe("rustc", ["-vV"]),
    probe("rustc", ["--print", "sysroot"]),
    probe("rustup", ["target", "list"]),
    probe("cargo", ["--version"]),
  ]);
  if (verbose === undefined || sysroot === undefined || cargo === undefined) return undefined;
  return {
    version: verbose.split("\n")[0] ?? "",
    host: field(verbose, "host"),
    commit: field(verbose, "commit-hash"),
    sysroot,
    hasRustup: known !== undefined,
    hasSource: await hasSources(sysroot),
    installedTargets: await installedTargets(sysroot),
    rustupTargets: (known ?? "").split("\n").map((line) => line.split(" ")[0] ?? ""),
  };
}

/** rustup's proxies stand in the user's folder, so that the system's own compiler has a path of its own. */
async function detectDistribution(probe: Probe): Promise<DistributionRust | undefined> {
  const program = "/usr/bin/rustc";
  if (!(await exists(program))) return undefined;
  const [verbose, sysroot] = await Promise.all([
    probe(program, ["-vV"]),
    probe(program, ["--print", "sysroot"]),
  ]);
  if (verbose === undefined || sysroot === undefined) return undefined;
  const version = verbose.split("\n")[0] ?? "";
  const commit = field(verbose, "commit-hash");
  return { program, version, commit, sysroot, hasSource: await hasSources(sysroot) };
}

/** Where `-Zbuild-std` looks for them. */
function hasSources(sysroot: string): Promise<boolean> {
  return exists(join(sysroot, "lib", "rustlib", "src", "rust", "library", "std", "Cargo.toml"));
}

function field(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1] ?? "";
}

async function detectZig(probe: Probe, cache: string, platform: NodeJS.Platform): Promise<ZigFacts> {
  const requirement = await zigRequirement();
  const directory = zigFolder(cache, requirement.version);
  const found = { version: requirement.version, directory };
  if (await isIntact(directory, requirement)) return { ...found, state: { kind: "cached" } };
  for (const python of ["python3", "python", "py"]) {
    if ((await probe(python, ["-m", "pip", "--version"])) !== undefined)
      return { ...found, state: { kind: "fetchable", python } };
  }
  const reason = `zig ${requirement.version} is not in ${cache} and there is no pip to fetch it`;
  return {
    ...found,
    state: { kind: "absent", reason, remedy: installPip(platform) },
  };
}

/** Any Python with pip will do. */
function installPip(platform: NodeJS.Platform): string {
  if (platform === "darwin") return "xcode-select --install";
  return platform === "win32" ? "winget install Python.Python.3.13" : "apt-get install -y python3-pip";
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
