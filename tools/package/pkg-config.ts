// Writes the pkg-config file of a package: relocatable, because users unpack where they like.
import type { Project } from "../shared/project.ts";
import { privateLinkWords } from "./layout.ts";

/**
 * Every path starts at ${pcfiledir}, the folder of the .pc file itself. No quotes: pkgconf escapes a space in ${pcfiledir}
 * by itself, and would escape its own escape inside quotes.
 */
export function pkgConfigFile(project: Project, nativeStaticLibraries: readonly string[]): string {
  const { headers, crate } = project;
  const privateWords = privateLinkWords(nativeStaticLibraries).join(" ");
  return [
    "prefix=${pcfiledir}/../..",
    "includedir=${prefix}/include",
    "libdir=${prefix}/lib",
    "",
    `Name: ${project.name}`,
    `Description: ${project.description}`,
    `URL: ${project.homepage}`,
    `Version: ${project.version}`,
    "Cflags: -I${includedir}",
    `Cflags.private: -D${headers.staticDefine}`,
    `Libs: -L\${libdir} -l${crate.library}`,
    `Libs.private: ${privateWords}`.trimEnd(),
    "",
  ].join("\n");
}
