// The plan of one target's build, as plain data: which commands with which environment yield which files.
import { join } from "node:path";
import { crateOf } from "../matrix/crate.ts";
import type { Folders } from "../matrix/folders.ts";
import { environmentVariable, libraryFileName, type LibraryFile } from "../matrix/names.ts";
import type { Target } from "../matrix/target.ts";
import type { Command } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { launcherPath } from "../toolchain/launcher.ts";
import type { HostFacts, RustFacts, StdProvider, ToolchainPlan } from "../toolchain/toolchain.ts";
import { planAddon } from "./addon.ts";
import { linkArguments } from "./link-arguments.ts";
import { profileEnvironment, type ProfileName } from "./profile.ts";

export interface BuildSettings {
  readonly profile: ProfileName;
  /** Processes that this build may use at a time. */
  readonly jobs: number;
  readonly offline: boolean;
  readonly gitCommit: string;
  /** Folders of cargo's home whose paths must not reach an artifact: the home itself, then each registry's sources. */
  readonly cargoSources: readonly string[];
  /** Folder of the npm package node-api-headers; without it no addon is built. */
  readonly nodeApiHeaders: string | undefined;
}

export interface BuildPlan {
  readonly triple: string;
  readonly std: StdProvider;
  readonly directories: BuildDirectories;
  /** What a shared ELF library exports, as a version script. */
  readonly exportList: string | undefined;
  /** Yields the libraries; its output names what a static link needs besides. */
  readonly cargo: Command;
  /** Run after cargo, in order. */
  readonly addon: readonly Command[];
  /** What is taken over into the artifact. */
  readonly outputs: readonly {
    readonly kind: LibraryFile;
    readonly from: string;
    readonly fileName: string;
  }[];
}

export interface BuildDirectories {
  /** artifacts/<triple> */
  readonly artifact: string;
  /** Scratch folder of the target. */
  readonly work: string;
  /** Launchers of compiler, archiver and linker. */
  readonly tools: string;
  /** Launcher of what links for the host: the same for all targets, so that cargo finds the same units. */
  readonly hostTools: string;
  /** cargo's target directory: one for each target, because cargo locks it. */
  readonly cargo: string;
}

export function planBuild(
  project: Project,
  toolchain: ToolchainPlan,
  std: StdProvider,
  facts: HostFacts & { readonly rust: RustFacts },
  folders: Folders,
  settings: BuildSettings,
): BuildPlan {
  const { target } = toolchain;
  const directories = buildDirectories(folders, target.triple);
  const products = join(directories.cargo, target.triple, "release");
  const addon = planAddon(project, toolchain, directories, products, settings);
  const kinds: LibraryFile[] = [...target.libraries];
  if (target.format === "pe" && kinds.includes("dynamic")) kinds.push("import");
  return {
    triple: target.triple,
    std,
    directories,
    exportList: exportList(project, toolchain),
    cargo: cargoCommand(project, toolchain, std, facts, directories, settings),
    addon: addon?.commands ?? [],
    outputs: [
      ...kinds.map((kind) => {
        const fileName = libraryFileName(target, kind, crateOf(project, target).library);
        return { kind, from: join(products, fileName), fileName };
      }),
      ...(addon === undefined ? [] : [addon.output]),
    ],
  };
}

export function buildDirectories(folders: Folders, triple: string): BuildDirectories {
  const work = join(folders.work, triple);
  return {
    artifact: join(folders.artifacts, triple),
    work,
    tools: join(work, "tools"),
    hostTools: join(folders.work, "host-tools"),
    cargo: join(work, "cargo"),
  };
}

function buildsStd(std: StdProvider): boolean {
  return std === "build-std" || std === "distribution";
}

/** WebAssembly's std is built without unwinding. */
function panicStrategy(target: Target): "unwind" | "abort" {
  return target.format === "wasm" ? "abort" : "unwind";
}

function cargoCommand(
  project: Project,
  toolchain: ToolchainPlan,
  std: StdProvider,
  facts: HostFacts & { readonly rust: RustFacts },
  directories: BuildDirectories,
  settings: BuildSettings,
): Command {
  const { target, dialect } = toolchain;
  const crateTypes = target.libraries.map((kind) => (kind === "dynamic" ? "cdylib" : "staticlib"));
  const crate = crateOf(project, target);
  const linking = linkArguments(target, dialect, crate.library);
  return {
    program: "cargo",
    args: [
      ...["rustc", "--locked", ...(settings.offline ? ["--offline"] : [])],
      ...["--manifest-path", join(project.root, crate.manifest), "--package", crate.package],
      // Without its rlib: cargo leaves LTO out where one of the crate types cannot have it.
      ...["--lib", "--crate-type", crateTypes.join(",")],
      ...["--release", "--target", target.triple, "--jobs", String(settings.jobs)],
      ...(buildsStd(std) ? [`-Zbuild-std=std,panic_${panicStrategy(target)}`] : []),
      ...["--", "--print", "native-static-libs"],
      // Nothing with a path: cargo hashes these words into symbol names.
      ...linking.map((word) => `-Clink-arg=${word}`),
    ],
    cwd: project.root,
    env: cargoEnvironment(project, toolchain, std, facts, directories, settings),
  };
}

function cargoEnvironment(
  project: Project,
  toolchain: ToolchainPlan,
  std: StdProvider,
  facts: HostFacts & { readonly rust: RustFacts },
  directories: BuildDirectories,
  settings: BuildSettings,
): Record<string, string | undefined> {
  const own = { LINK_ARGS: "none", GIT_COMMIT: settings.gitCommit };
  const compiler = std === "distribution" ? facts.distribution : undefined;
  return {
    ...withoutUserSettings,
    ...profileEnvironment(settings.profile, panicStrategy(toolchain.target)),
    ...toolchain.environment,
    ...buildScriptEnvironment(toolchain, facts, directories),
    ...toolEnvironment(toolchain, directories),
    ...Object.fromEntries(
      Object.entries(own).map(([word, value]) => [environmentVariable(project.name, word), value]),
    ),
    CARGO_TARGET_DIR: directories.cargo,
    CARGO_TERM_COLOR: "never",
    CARGO_ENCODED_RUSTFLAGS: [
      ...remappedPaths(project, compiler ?? facts.rust, directories.cargo, settings),
      ...toolchain.rustFlags,
    ].join("\x1f"),
    // Building std takes an unstable cargo option; the compiler stays the pinned one, or is the distribution's.
    ...(buildsStd(std) ? { RUSTC_BOOTSTRAP: "1" } : {}),
    ...(compiler === undefined ? {} : { RUSTC: compiler.program }),
  };
}

/** The list of exports that the linker shall be given in place of rustc's; see the compiler's launcher. */
function exportList(project: Project, { target }: ToolchainPlan): string | undefined {
  if (target.format !== "elf" || !target.libraries.includes("dynamic")) return undefined;
  return join(project.root, project.generated.exportsDirectory, `${project.crate.library}.map`);
}

/** A user's own flags would change the artifact without appearing in the plan. */
const withoutUserSettings = {
  RUSTFLAGS: undefined,
  CARGO_BUILD_RUSTFLAGS: undefined,
  CARGO_BUILD_TARGET: undefined,
  RUSTC_WRAPPER: undefined,
  RUSTC_WORKSPACE_WRAPPER: undefined,
  CFLAGS: undefined,
  CXXFLAGS: undefined,
} as const;

/** No folder of the build machine reaches an artifact; the last matching prefix wins. */
function remappedPaths(
  project: Project,
  rust: Pick<RustFacts, "sysroot" | "commit">,
  cargoFolder: string,
  settings: BuildSettings,
): string[] {
  const [cargoHome, ...registries] = settings.cargoSources;
  const pairs: (readonly [string, string])[] = [
    [project.root, `/${project.name}`],
    // Objects for Windows name themselves, and cargo's folder need not lie in the project.
    [cargoFolder, `/${project.name}/target`],
    [join(rust.sysroot, "lib", "rustlib", "src", "rust"), `/rustc/${rust.commit}`],
    ...(cargoHome === undefined ? [] : [[cargoHome, "/cargo"] as const]),
    // A mirror of the registry has another folder name; the artifact must not tell which one was used.
    ...registries.map((folder) => [folder, "/cargo/registry"] as const),
  ];
  return pairs.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

/** Build scripts run here, and are linked by zig where this machine has no C compiler of its own. */
function buildScriptEnvironment(
  { buildScripts }: ToolchainPlan,
  { rust }: { readonly rust: RustFacts },
  directories: BuildDirectories,
): Record<string, string> {
  if (buildScripts === undefined) return {};
  return { [linkerVariable(rust.host)]: launcherPath(directories.hostTools, buildScripts) };
}

/** Where cargo looks for the linker of a target, or of what runs on the host. */
export function linkerVariable(triple: string): string {
  return `CARGO_TARGET_${triple.replaceAll("-", "_").toUpperCase()}_LINKER`;
}

/** How cargo and the cc crate learn of the launchers. */
function toolEnvironment(toolchain: ToolchainPlan, directories: BuildDirectories): Record<string, string> {
  const { target, compiler, archiver, lld } = toolchain;
  const name = target.triple.replaceAll("-", "_");
  const linker = lld ?? compiler;
  return {
    ...(compiler === undefined ? {} : { [`CC_${name}`]: launcherPath(directories.tools, compiler) }),
    ...(archiver === undefined ? {} : { [`AR_${name}`]: launcherPath(directories.tools, archiver) }),
    ...(linker === undefined
      ? {}
      : { [linkerVariable(target.triple)]: launcherPath(directories.tools, linker) }),
  };
}
