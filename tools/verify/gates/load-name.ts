// Gates: the name that a library calls itself is the name of its file.
import { objectsOfFormat, violation, type Gate, type LibraryRole } from "../gate.ts";
import type { Policy } from "../policy.ts";

export const elfSoname: Gate = {
  id: "elf-soname",
  severity: "warning",
  title: "the SONAME is not the file's name",
  explanation:
    "A program records the SONAME of what it links. Without one it records the path on the linker's command line, and then finds the library in that place only.",
  fix: "link with -Wl,-soname,<file name>; rustc sets none by itself",
  *check({ facts, library, policy }) {
    if (!isLinkedAgainst(library, policy)) return;
    for (const named of objectsOfFormat(facts, "elf")) {
      const { dynamic } = named.object;
      if (dynamic === undefined) continue;
      // An addon is loaded by path; a name that it has anyway must be right.
      if (library.kind === "addon" && dynamic.soname === undefined) continue;
      if (!isOwnName(dynamic.soname?.value, library, policy))
        yield violation(named, dynamic.soname ?? dynamic, dynamic.soname?.value ?? "none");
    }
  },
};

export const machoInstallName: Gate = {
  id: "macho-install-name",
  severity: "error",
  title: "the install name is not @rpath and the file's name",
  explanation:
    "A program records the install name of what it links. The default is the path of the output on the build machine, where no user's loader finds it.",
  fix: "link with -install_name @rpath/<file name>",
  *check({ facts, library, policy }) {
    if (!isLinkedAgainst(library, policy)) return;
    for (const named of objectsOfFormat(facts, "macho")) {
      const { installName, type, machine } = named.object;
      if (type.value === "object" || (library.kind === "addon" && installName === undefined)) continue;
      if (!isOwnInstallName(installName?.value, library, policy))
        yield violation(named, installName ?? machine, installName?.value ?? "none");
    }
  },
};

export const peExportName: Gate = {
  id: "pe-export-name",
  severity: "warning",
  title: "the DLL's name in its export table is not the file's name",
  explanation:
    "Import libraries made from the DLL, debuggers and crash reports use the name in the export table; a renamed DLL is looked for under its old name.",
  fix: "link the DLL under the name that it ships with; never rename it afterwards",
  *check({ facts, library, policy }) {
    if (!isLinkedAgainst(library, policy)) return;
    for (const named of objectsOfFormat(facts, "pe")) {
      const { exportName, machine } = named.object;
      if (exportName?.value !== library.fileName)
        yield violation(named, exportName ?? machine, exportName?.value ?? "none");
    }
  },
};

/** An addon is loaded by path, whatever it calls itself; one that is about to be released must be right all the same. */
function isLinkedAgainst({ kind }: LibraryRole, { strict }: Policy): boolean {
  return kind === "dynamic" || (strict && kind === "addon");
}

/** Distributions ship libx.so.1.2 with the name libx.so.1, and a link for it. */
function isOwnName(name: string | undefined, { fileName }: LibraryRole, { strict }: Policy): boolean {
  return name === fileName || (!strict && name !== undefined && fileName.startsWith(`${name}.`));
}

/** What is relative to the program or the loading library is found wherever the package is unpacked. */
function isOwnInstallName(name: string | undefined, { fileName }: LibraryRole, { strict }: Policy): boolean {
  if (name === `@rpath/${fileName}`) return true;
  return !strict && name !== undefined && /^@(rpath|loader_path|executable_path)\//.test(name);
}
