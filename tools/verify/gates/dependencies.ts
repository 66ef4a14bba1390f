// Gates: a library needs only what every system of its target has.
import type { Symbol } from "../../inspect/facts.ts";
import type { MachOFacts } from "../../inspect/macho-facts.ts";
import { objectsOfFormat, violation, type Gate, type Subject } from "../gate.ts";
import { isListed, type CLibrary } from "../policy.ts";
import { bringsAlong, bringsAlongFolded } from "../sibling-index.ts";

export const elfNeeded: Gate = {
  id: "elf-needed",
  severity: "error",
  title: "the library needs another library that not every system has",
  explanation:
    "The loader refuses a library when one that it needs is missing: libgcc_s on plain Alpine, libstdc++ in small containers. The list of a target is its C library and nothing else.",
  fix: "link that library statically, or drop what pulls it in",
  *check(subject) {
    const { facts, policy } = subject;
    const allowed = policy.elf?.libraries;
    if (allowed === undefined) return;
    for (const named of objectsOfFormat(facts, "elf"))
      for (const needed of named.object.dynamic?.needed ?? [])
        if (
          !isListed(needed.value, allowed) &&
          cLibraryOf(needed.value) === undefined &&
          !bringsAlong(subject, needed.value)
        )
          yield violation(named, needed, needed.value);
  },
};

export const elfLibc: Gate = {
  id: "elf-libc",
  severity: "error",
  title: "the library needs the C library of another system",
  explanation:
    "A library that was linked with glibc does not load on Alpine, nor one linked with musl on Debian: the name of the C library, its loader and the versions of its symbols differ.",
  fix: "build the library for the C library that its package promises, and name packages by it (npm libc, musllinux, linux-musl-*)",
  *check({ facts, policy }) {
    const wanted = policy.elf?.libc;
    if (wanted === undefined) return;
    for (const named of objectsOfFormat(facts, "elf"))
      for (const needed of named.object.dynamic?.needed ?? []) {
        const found = cLibraryOf(needed.value);
        if (found !== undefined && !found.includes(wanted))
          yield violation(named, needed, `${needed.value}, where ${wanted} was expected`);
      }
  },
};

/** The C libraries that go by a name; musl and Android's are both called libc.so. */
export function cLibraryOf(name: string): readonly CLibrary[] | undefined {
  if (/^(libc\.so\.6(\.1)?|ld-linux.*|ld(64)?\.so\.\d)$/.test(name)) return ["glibc"];
  if (/^(libc\.musl-|ld-musl-)/.test(name)) return ["musl"];
  return name === "libc.so" ? ["musl", "bionic"] : undefined;
}

export const elfUnresolved: Gate = {
  id: "elf-unresolved",
  severity: "error",
  title: "a symbol comes from no library",
  explanation:
    "Every symbol of glibc carries a version. A strong import without one was not resolved at the link, and the load fails unless the process happens to have it. Only what Node gives its addons may be so.",
  fix: "link with -Wl,-z,defs to see what is missing, and link the library that has it",
  *check(subject) {
    if (subject.policy.elf?.libc !== "glibc" || !subject.policy.strict) return;
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
    if (policy.pe?.libraries === undefined) return;
    const host = library.kind === "addon" ? addonHosts : [];
    const allowed = [...policy.pe.libraries, ...host];
    for (const named of objectsOfFormat(facts, "pe"))
      for (const { library: dll } of named.object.imports)
        if (!isListed(dll.value, allowed, false) && !bringsAlongFolded(subject, dll.value))
          yield violation(named, dll, dll.value);
  },
};

/** Programs whose own functions an addon imports under their name, whatever the program is called where it runs. */
const addonHosts: readonly string[] = ["node.exe", "bare.dll"];

const systemPrefix = /^(\/usr\/lib\/|\/System\/Library\/Frameworks\/)/;

export const machoDependencies: Gate = {
  id: "macho-dependencies",
  severity: "error",
  title: "the library needs another library that not every system has",
  explanation:
    "Only /usr/lib and the system's frameworks are on every Mac and iPhone; a path of Homebrew or of the build machine is on no user's.",
  fix: "link that library statically, or drop what pulls it in",
  *check(subject) {
    for (const named of objectsOfFormat(subject.facts, "macho"))
      for (const dependency of named.object.dependencies)
        if (
          !systemPrefix.test(dependency.value) &&
          !isBundled(dependency.value, subject) &&
          !isHost(dependency.value, named.object, subject)
        )
          yield violation(named, dependency, dependency.value);
  },
};

/** Relative to the loading file or to a run path, and there in the package. */
function isBundled(dependency: string, subject: Subject): boolean {
  const name = /^@(?:rpath|loader_path)\/(?:.*\/)?([^/]+)$/.exec(dependency)?.[1];
  return name !== undefined && bringsAlong(subject, name);
}

/** On iOS Python is a framework of the app, which its modules are linked with (PEP 730); on a Mac they must not be. */
function isHost(dependency: string, { platform }: MachOFacts, { library }: Subject): boolean {
  return (
    library.kind === "addon" &&
    platform.value.startsWith("ios") &&
    /^@rpath\/Python\.framework\/(Versions\/[^/]+\/)?Python$/.test(dependency)
  );
}

function isUnresolved(symbol: Symbol, { library, context }: Subject): boolean {
  if (symbol.defined || symbol.binding === "weak" || symbol.version !== undefined) return false;
  const fromNode = /^(napi|node_api)_/.test(symbol.name) || context.functions?.includes(symbol.name) === true;
  return !(library.kind === "addon" && fromNode);
}
