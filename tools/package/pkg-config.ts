// Writes the pkg-config file of a package: relocatable, because users unpack where they like.
import type { LibraryKind } from "../matrix/target.ts";
import type { Project } from "../shared/project.ts";
import { privateLinkWords } from "./layout.ts";

/**
 * Every path starts at ${pcfiledir}, the folder of the .pc file itself. No quotes: pkgconf escapes a space in ${pcfiledir}
 * by itself, and would escape its own escape inside quotes.
 */
export function pkgConfigFile(
  project: Project,
  libraries: readonly LibraryKind[],
  nativeStaticLibraries: readonly string[],
): string {
  const { headers, crate } = project;
  const privateWords = privateLinkWords(nativeStaticLibraries).join(" ");
  const staticDefinition = `-D${headers.staticDefine}`;
  // Where there is a static library alone, nobody asks for it with --static.
  const [shared, statically] = libraries.includes("dynamic")
    ? ["", staticDefinition]
    : [staticDefinition, ""];
  return [
    "prefix=${pcfiledir}/../..",
    "includedir=${prefix}/include",
    "libdir=${prefix}/lib",
    "",
    `Name: ${project.name}`,
    `Description: ${project.description}`,
    `URL: ${project.homepage}`,
    `Version: ${project.version}`,
    `Cflags: -I\${includedir} ${shared}`.trimEnd(),
    `Cflags.private: ${statically}`.trimEnd(),
    `Libs: -L\${libdir} -l${crate.library}${shared === "" ? "" : ` ${privateWords}`}`.trimEnd(),
    `Libs.private: ${shared === "" ? privateWords : ""}`.trimEnd(),
    "",
  ].join("\n");
}
