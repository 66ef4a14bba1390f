// The plan of the Node-API addon: one C file and the static library of the same target become one self-contained file.
import { basename, dirname, join } from "node:path";
import { libraryFileName } from "../matrix/names.ts";
import type { Target } from "../matrix/target.ts";
import type { Command } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { launcherPath } from "../toolchain/launcher.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import { elfArguments, machoArguments, reproduciblePe } from "./link-arguments.ts";
import type { BuildDirectories, BuildPlan, BuildSettings } from "./plan.ts";

export interface AddonPlan {
  readonly commands: readonly Command[];
  readonly output: BuildPlan["outputs"][number];
}

/** Stands in a command for the libraries that rustc names when it has built the static library. */
export const nativeStaticLibrariesWord = "{native-static-libraries}";

/** Undefined where Node does not run on the target or nothing compiles C for it. */
export function planAddon(
  project: Project,
  toolchain: ToolchainPlan,
  directories: BuildDirectories,
  products: string,
  settings: Pick<BuildSettings, "nodeApiHeaders">,
): AddonPlan | undefined {
  const { target, compiler } = toolchain;
  if (target.node === undefined || compiler === undefined || settings.nodeApiHeaders === undefined)
    return undefined;
  const fileName = libraryFileName(target, "addon", project.crate.library);
  const paths: AddonPaths = {
    source: join(project.root, project.generated.nodeAddon),
    library: join(products, libraryFileName(target, "static", project.crate.library)),
    output: join(directories.work, fileName),
    directory: directories.work,
    compiler: launcherPath(directories.tools, compiler),
    includes: [
      join(project.root, project.headers.includeDirectory),
      join(settings.nodeApiHeaders, "include"),
    ],
    staticDefinition: `-D${project.headers.staticDefine}`,
    tools: directories.tools,
    nodeApiHeaders: settings.nodeApiHeaders,
  };
  const commands = addonCommands(toolchain, paths);
  return commands === undefined
    ? undefined
    : { commands, output: { kind: "addon", from: paths.output, fileName } };
}

interface AddonPaths {
  readonly source: string;
  readonly library: string;
  readonly output: string;
  readonly directory: string;
  readonly compiler: string;
  readonly includes: readonly string[];
  readonly staticDefinition: string;
  readonly tools: string;
  readonly nodeApiHeaders: string;
}

function addonCommands(toolchain: ToolchainPlan, paths: AddonPaths): Command[] | undefined {
  const { format } = toolchain.target;
  if (format === "elf") return [elfAddon(toolchain.target, paths)];
  if (format === "macho") return machoAddon(toolchain, paths);
  return format === "pe" ? peAddon(toolchain, paths) : undefined;
}

/** Node's functions are undefined until it loads the addon, hence no -z defs; unused Rust code goes. */
function elfAddon(target: Target, paths: AddonPaths): Command {
  const options = elfArguments(target, "gnu-cc", undefined).filter((word) => word !== "-Wl,-z,defs");
  return compilerCommand(paths, [
    ...[...compileArguments(paths), "-shared", paths.source, paths.library],
    ...[`-Wl,--version-script=${exportsFile(paths, "map")}`, ...options, "-Wl,--gc-sections", "-s"],
    ...[nativeStaticLibrariesWord, "-o", paths.output],
  ]);
}

/** Node's functions come from node.exe: an import library is made from each list of names that its headers bring. */
function peAddon(toolchain: ToolchainPlan, paths: AddonPaths): Command[] | undefined {
  const [dlltool, ...first] = toolchain.dlltool ?? [];
  if (dlltool === undefined) return undefined;
  const lists = ["js_native_api", "node_api"];
  const importLibrary = (name: string): string => join(paths.directory, `${name}.a`);
  const machine = { x86_64: "i386:x86-64", i686: "i386", aarch64: "arm64" }[toolchain.target.cpu] ?? "";
  const makeImports = lists.map((name): Command => {
    const from = ["-m", machine, "-D", "node.exe", "-d", join(paths.nodeApiHeaders, "def", `${name}.def`)];
    return {
      program: dlltool,
      args: [...first, ...from, "-l", importLibrary(name)],
      env: toolchain.environment,
    };
  });
  const link = compilerCommand(paths, [
    ...[...compileArguments(paths), "-shared", paths.source, paths.library, ...lists.map(importLibrary)],
    ...[exportsFile(paths, "def"), ...reproduciblePe, "-s", nativeStaticLibrariesWord, "-o", paths.output],
  ]);
  return [...makeImports, link];
}

/** Compiled by the C compiler, linked by the linker of the shared library: zig's own ignores export lists. */
function machoAddon({ target, lld, environment }: ToolchainPlan, paths: AddonPaths): Command[] {
  const object = join(paths.directory, "addon.o");
  const compile = compilerCommand(paths, [...compileArguments(paths), "-c", paths.source, "-o", object]);
  const words = [
    ...["-bundle", "-undefined", "dynamic_lookup", "-dead_strip", "-x"],
    ...["-exported_symbols_list", exportsFile(paths, "exports")],
  ];
  const files = [object, paths.library, nativeStaticLibrariesWord, "-o", paths.output];
  if (lld === undefined) {
    const driver = ["-bundle", ...words.slice(1).map((word) => `-Wl,${word}`)];
    return [compile, compilerCommand(paths, [...driver, ...files])];
  }
  const version = "version" in target.floor ? target.floor.version : "";
  const args = [
    ...["-flavor", "darwin", ...words, ...machoArguments("darwin-ld", undefined)],
    ...[
      "-arch",
      target.cpu === "aarch64" ? "arm64" : "x86_64",
      "-platform_version",
      "macos",
      version,
      version,
    ],
    ...["-syslibroot", environment["SDKROOT"] ?? "", "-lSystem", ...files],
  ];
  return [compile, { program: launcherPath(paths.tools, lld), args, env: environment }];
}

function compileArguments(paths: AddonPaths): string[] {
  const includes = paths.includes.flatMap((folder) => ["-I", folder]);
  return [
    "-std=c11",
    "-O2",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffunction-sections",
    paths.staticDefinition,
    ...includes,
  ];
}

/** The export list lies beside the C file, under the same name. */
function exportsFile(paths: AddonPaths, extension: "map" | "def" | "exports"): string {
  const stem = basename(paths.source).replace(/(\.g)?\.c$/, "");
  return join(dirname(paths.source), `${stem}.${extension}`);
}

function compilerCommand(paths: AddonPaths, args: readonly string[]): Command {
  return { program: paths.compiler, args };
}
