// Writes the CMake package of an archive: find_package(<name>) gives <name>::<name> and <name>::<name>_static.
import type { Target } from "../matrix/target.ts";
import type { Project } from "../shared/project.ts";
import { textEntry, type ArchiveEntry } from "./archive-entry.ts";
import { libraryOf, privateLinkWords, type InstalledLibrary } from "./layout.ts";

export interface CmakeInput {
  readonly project: Project;
  readonly target: Target;
  readonly libraries: readonly InstalledLibrary[];
  readonly nativeStaticLibraries: readonly string[];
}

/** Paths are those inside the package. */
export function cmakeFiles(input: CmakeInput): ArchiveEntry[] {
  const { name, version } = input.project;
  const directory = `lib/cmake/${name}`;
  return [
    textEntry(`${directory}/${name}-config.cmake`, config(name)),
    textEntry(`${directory}/${name}-config-version.cmake`, configVersion(version, input.target)),
    textEntry(`${directory}/${name}-targets.cmake`, targets(input)),
  ];
}

function config(name: string): string {
  return [
    `# Entry of find_package(${name}).`,
    `include("\${CMAKE_CURRENT_LIST_DIR}/${name}-targets.cmake")`,
    "",
  ].join("\n");
}

/** Before 1.0 a minor version may break users, so the minor has to be equal; afterwards the major. */
function configVersion(version: string, target: Target): string {
  const [major = "0", minor = "0"] = version.split(".");
  const same = major === "0" ? `${major}.${minor}` : major;
  const pointerBytes = target.abiClass === "p8a8" ? 8 : 4;
  return [
    "# Says whether this package satisfies a requested version.",
    `set(PACKAGE_VERSION "${version}")`,
    `if(PACKAGE_FIND_VERSION STREQUAL "" OR PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)`,
    "  set(PACKAGE_VERSION_COMPATIBLE TRUE)",
    `elseif("\${PACKAGE_FIND_VERSION}." MATCHES "^${same.replace(".", "\\\\.")}\\\\." AND NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)`,
    "  set(PACKAGE_VERSION_COMPATIBLE TRUE)",
    "else()",
    "  set(PACKAGE_VERSION_COMPATIBLE FALSE)",
    "endif()",
    "if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)",
    "  set(PACKAGE_VERSION_EXACT TRUE)",
    "endif()",
    `if(CMAKE_SIZEOF_VOID_P AND NOT CMAKE_SIZEOF_VOID_P EQUAL ${pointerBytes})`,
    `  set(PACKAGE_VERSION "\${PACKAGE_VERSION} (${target.triple})")`,
    "  set(PACKAGE_VERSION_UNSUITABLE TRUE)",
    "endif()",
    "",
  ].join("\n");
}

function targets(input: CmakeInput): string {
  const { name } = input.project;
  return [
    "# Imported targets; every path starts at the folder of this file.",
    `get_filename_component(_${name}_prefix "\${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)`,
    "",
    ...dynamicTarget(input),
    ...staticTarget(input),
    `unset(_${name}_prefix)`,
    "",
  ].join("\n");
}

function dynamicTarget({ project, libraries }: CmakeInput): string[] {
  const dynamic = libraryOf(libraries, "dynamic");
  if (dynamic === undefined) return [];
  const implib = libraryOf(libraries, "import");
  return importedTarget(project.name, `${project.name}::${project.name}`, "SHARED", [
    `IMPORTED_LOCATION "\${_${project.name}_prefix}/${dynamic.path}"`,
    ...(implib === undefined ? [] : [`IMPORTED_IMPLIB "\${_${project.name}_prefix}/${implib.path}"`]),
    ...soname(dynamic),
  ]);
}

/** Without it CMake records the path it linked instead of the name that the loader looks for. */
function soname(dynamic: InstalledLibrary): string[] {
  const { fileName } = dynamic.source;
  if (fileName.endsWith(".so")) return [`IMPORTED_SONAME "${fileName}"`];
  if (fileName.endsWith(".dylib")) return [`IMPORTED_SONAME "@rpath/${fileName}"`];
  return [];
}

function staticTarget({ project, libraries, nativeStaticLibraries }: CmakeInput): string[] {
  const archive = libraryOf(libraries, "static");
  if (archive === undefined) return [];
  const words = linkItems(privateLinkWords(nativeStaticLibraries));
  return importedTarget(project.name, `${project.name}::${project.name}_static`, "STATIC", [
    `IMPORTED_LOCATION "\${_${project.name}_prefix}/${archive.path}"`,
    `IMPORTED_LINK_INTERFACE_LANGUAGES "C"`,
    `INTERFACE_COMPILE_DEFINITIONS "${project.headers.staticDefine}"`,
    ...(words.length === 0 ? [] : [`INTERFACE_LINK_LIBRARIES "${words.join(";")}"`]),
  ]);
}

/** CMake removes repeated items of a list, so "-framework X" has to be one item; "/word" would be a path to it. */
function linkItems(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    if (words[index - 1] === "-framework") return [];
    if (word === "-framework") return [`${word} ${words[index + 1] ?? ""}`];
    return [word.replace(/^\/(?=defaultlib:)/i, "-")];
  });
}

function importedTarget(
  name: string,
  target: string,
  kind: "SHARED" | "STATIC",
  properties: string[],
): string[] {
  return [
    `if(NOT TARGET ${target})`,
    `  add_library(${target} ${kind} IMPORTED)`,
    `  set_target_properties(${target} PROPERTIES`,
    `    INTERFACE_INCLUDE_DIRECTORIES "\${_${name}_prefix}/include"`,
    ...properties.map((property) => `    ${property}`),
    "  )",
    "endif()",
    "",
  ];
}
