// Gates: a library needs only what every system of its target has.
import type { Symbol } from "../../inspect/facts.ts";
import { objectsOfFormat, violation, type Gate, type Subject } from "../gate.ts";
import { isListed } from "../policy.ts";

export const elfNeeded: Gate = {
  id: "elf-needed",
  severity: "error",
  title: "the library needs another library that not every system has",
  explanation:
    "The loader refuses a library when one that it needs is missing: libgcc_s on plain Alpine, libstdc++ in small containers. The list of a target is its C library and nothing else.",
  fix: "link that library statically, or drop what pulls it in",
  *check(subject) {
    const { facts, policy } = subject;
    if (policy.elf === undefined) return;
    const allowed = [...policy.elf.libraries, ...ownLibrary(subject)];
    for (const named of objectsOfFormat(facts, "elf"))
      for (const needed of named.object.dynamic?.needed ?? [])
        if (!isListed(needed.value, allowed)) yield violation(named, needed, needed.value);
  },
};

export const elfUnresolved: Gate = {
  id: "elf-unresolved",
  severity: "error",
  title: "a symbol comes from no library",
  explanation:
    "Every symbol of glibc carries a version. A strong import without one was not resolved at the link, and the load fails unless the process happens to have it. Only what Node gives its addons may be so.",
  fix: "link with -Wl,-z,defs to see what is missing, and link the library that has it",
  *check(subject) {
    if (subject.policy.elf?.glibc === undefined) return;
    for (const named of objectsOfFormat(subject.facts, "elf")) {
      if (named.object.dynamic === undefined) continue;
      for (const symbol of named.object.symbols)
        if (isUnresolved(symbol, subject))
          yield violation(named, { section: ".dynsym", offset: symbol.offset }, symbol.name);
    }
  },
};

export const peImports: Gate = {
  id: "pe-imports",
  severity: "error",
  title: "the DLL needs another DLL that not every Windows has",
  explanation:
    "Windows brings its own DLLs and the universal C runtime (api-ms-win-crt-*), not VCRUNTIME140 or libgcc. Such a library works on developers' machines only.",
  fix: "link the runtime statically (+crt-static for MSVC), or drop what pulls it in",
  *check(subject) {
    const { facts, policy, library } = subject;
    if (policy.pe === undefined) return;
    const host = library.kind === "addon" ? ["node.exe"] : [];
    const allowed = [...policy.pe.libraries, ...host, ...ownLibrary(subject)];
    for (const named of objectsOfFormat(facts, "pe"))
      for (const entry of named.object.imports)
        if (!isListed(entry.library.value, allowed, false))
          yield violation(named, entry.library, entry.library.value);
  },
};

const systemPrefix = /^(\/usr\/lib\/|\/System\/Library\/Frameworks\/)/;

export const machoDependencies: Gate = {
  id: "macho-dependencies",
  severity: "error",
  title: "the library needs another library that not every system has",
  explanation:
    "Only /usr/lib and the system's frameworks are on every Mac and iPhone; a path of Homebrew or of the build machine is on no user's.",
  fix: "link that library statically, or drop what pulls it in",
  *check(subject) {
    const own = ownLibrary(subject).flatMap((name) => [`@rpath/${name}`, `@loader_path/${name}`]);
    for (const named of objectsOfFormat(subject.facts, "macho"))
      for (const dependency of named.object.dependencies)
        if (!systemPrefix.test(dependency.value) && !own.includes(dependency.value))
          yield violation(named, dependency, dependency.value);
  },
};

/** An addon may stand beside the shared library and load it by name. */
function ownLibrary({ library, siblings }: Subject): string[] {
  if (library.kind !== "addon") return [];
  return siblings
    .filter((sibling) => sibling.library.kind === "dynamic")
    .map((sibling) => sibling.library.fileName);
}

function isUnresolved(symbol: Symbol, { library, context }: Subject): boolean {
  if (symbol.defined || symbol.binding === "weak" || symbol.version !== undefined) return false;
  const fromNode = /^(napi|node_api)_/.test(symbol.name) || context.functions.includes(symbol.name);
  return !(library.kind === "addon" && fromNode);
}
