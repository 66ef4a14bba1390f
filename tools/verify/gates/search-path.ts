// Gates: a library does not tell the loader where to look on the user's machine.
import { objectsOfFormat, violation, type Gate } from "../gate.ts";

export const elfRpath: Gate = {
  id: "elf-rpath",
  severity: "warning",
  title: "the library carries a search path",
  explanation:
    "DT_RPATH wins over what the user sets, and a folder of the build machine in it can be filled by whoever owns that path. Only $ORIGIN, the library's own folder, is harmless, and only as DT_RUNPATH.",
  fix: "drop -rpath from the link (or patchelf --remove-rpath); use -Wl,--enable-new-dtags with $ORIGIN where it is needed",
  *check({ facts, policy: { strict } }) {
    for (const named of objectsOfFormat(facts, "elf")) {
      const { dynamic } = named.object;
      for (const entry of dynamic?.rpath ?? [])
        if (strict || !isRelative(entry.value)) yield violation(named, entry, entry.value);
      for (const entry of dynamic?.runpath ?? [])
        if (strict ? !isOwnFolder(entry.value) : !isRelative(entry.value))
          yield violation(named, entry, entry.value);
    }
  },
};

export const machoRpath: Gate = {
  id: "macho-rpath",
  severity: "warning",
  title: "the library carries a search path",
  explanation:
    "LC_RPATH of a library is searched for every program that loads it. Only @loader_path, the library's own folder, is the same on every machine.",
  fix: "drop -rpath from the link",
  *check({ facts, policy: { strict } }) {
    for (const named of objectsOfFormat(facts, "macho"))
      for (const entry of named.object.rpaths)
        if (!(strict ? /^@loader_path\/?$/ : /^@(loader_path|executable_path|rpath)(\/|$)/).test(entry.value))
          yield violation(named, entry, entry.value);
  },
};

function isOwnFolder(path: string): boolean {
  return path.split(":").every((part) => part === "$ORIGIN");
}

/** Packages with several libraries find each other by folders relative to themselves. */
function isRelative(path: string): boolean {
  return path.split(":").every((part) => /^\$(ORIGIN|\{ORIGIN\})(\/|$)/.test(part));
}
