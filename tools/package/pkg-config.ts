// Writes the pkg-config file of a package: relocatable, because users unpack where they like.
import type { Project } from "../shared/project.ts";
import { privateLinkWords } from "./layout.ts";

/**
 * Every path starts at ${pcfiledir}, the folder of the .pc file itself. The quotes keep a folder with a space one word in
 * pkg-config as well as in pkgconf.
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
    'Cflags: -I"${includedir}"',
    `Cflags.private: -D${headers.staticDefine}`,
    `Libs: -L"\${libdir}" -l${crate.library}`,
    `Libs.private: ${privateWords}`.trimEnd(),
    "",
  ].join("\n");
}
