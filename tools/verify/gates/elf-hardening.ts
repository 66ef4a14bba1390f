// Gates: an ELF library keeps what protects the process that loads it.
import type { ElfDynamicFacts, ElfFacts } from "../../inspect/elf-facts.ts";
import type { Place } from "../../inspect/facts.ts";
import { compareVersions, objectsOfFormat, violation, type Gate, type Subject } from "../gate.ts";
import type { ElfPolicy } from "../policy.ts";

type LinkedElf = ElfFacts & { readonly dynamic: ElfDynamicFacts };
type Broken = (Place & { readonly value: string }) | undefined;

const executableStack: Gate = {
  id: "elf-executable-stack",
  severity: "error",
  title: "the library asks for an executable stack",
  explanation:
    "Loading it makes the stack of the whole process executable, or fails where the system forbids that. Assembly without a .note.GNU-stack section is the usual cause; without the program header the default is executable.",
  fix: "add .section .note.GNU-stack to the assembly, or link with -Wl,-z,noexecstack",
  check: linked(({ executableStack: stack, programHeaders, cpu }, { libc }, strict) => {
    if (stack !== undefined) return stack.value ? { ...stack, value: "executable" } : undefined;
    const harmless = libc === undefined || !executableByDefault.includes(cpu);
    return harmless && !strict ? undefined : { ...programHeaders, value: "no PT_GNU_STACK" };
  }),
};

/** Processors on which the stack is executable without the header: those whose Linux is older than the header. */
const executableByDefault: readonly string[] = [
  "x86_64",
  "i686",
  "armv7",
  "alpha",
  "hppa",
  "m68k",
  "mips",
  "powerpc",
  "s390x",
  "sparc",
  "sparcv9",
];

const relro: Gate = {
  id: "elf-relro",
  severity: "warning",
  title: "tables of addresses stay writable after relocation",
  explanation:
    "Without PT_GNU_RELRO a memory error can redirect calls by writing to the global offset table.",
  fix: "link with -Wl,-z,relro",
  check: linked((elf, { libc }) =>
    elf.relro === undefined && libc !== undefined
      ? { ...elf.programHeaders, value: "no PT_GNU_RELRO" }
      : undefined,
  ),
};

const bindNow: Gate = {
  id: "elf-bind-now",
  severity: "warning",
  title: "symbols are bound at their first call",
  explanation:
    "The table of function addresses must then stay writable, and a missing symbol is found in the middle of the work and not at load.",
  fix: "link with -Wl,-z,now",
  check: linked(({ dynamic }, { libc }) =>
    dynamic.bindNow === undefined && libc !== undefined ? at(dynamic, "no DF_BIND_NOW, DF_1_NOW") : undefined,
  ),
};

const textRelocations: Gate = {
  id: "elf-text-relocations",
  severity: "error",
  title: "code is written to at load",
  explanation: "Text relocations need writable code; Android and hardened systems refuse the library.",
  fix: "compile everything with -fPIC, also assembly and C dependencies",
  check: linked(({ dynamic }) => at(dynamic.textRelocations, "text relocations")),
};

const staticTls: Gate = {
  id: "elf-static-tls",
  severity: "warning",
  title: "the library needs room in the static thread-local block",
  explanation:
    'A library that is loaded late, as by Node or Python, may find that small block full: "cannot allocate memory in static TLS block".',
  fix: "compile with the dynamic thread-local model (no -ftls-model=initial-exec)",
  *check(subject) {
    // The block is laid out for the program and what it is linked with; only what comes later finds it full.
    if (subject.library.kind !== "program") yield* staticTlsOf(subject);
  },
};

const staticTlsOf = linked(({ dynamic, relocations: { staticTls: found } }) =>
  found === undefined || dynamic.staticTls !== undefined
    ? at(dynamic.staticTls, "DF_STATIC_TLS")
    : at(
        found.first,
        `${found.count} relocation${found.count === 1 ? "" : "s"} of the static thread-local model`,
      ),
);

/** First systems whose loader knows DT_RELR. */
const relrGlibc = "2.36";
const relrAndroidApi = 30;

const packedRelocations: Gate = {
  id: "elf-packed-relocations",
  severity: "error",
  title: "relocations are in a form that the oldest system does not know",
  explanation:
    "A loader of before 2022 (glibc) or Android 11 skips DT_RELR without a word; the library then jumps to wrong addresses.",
  fix: "link without -z pack-relative-relocs and --pack-dyn-relocs",
  check: linked(({ dynamic, androidApi }, policy) =>
    knowsRelr({ ...policy, androidApi: policy.androidApi ?? androidApi?.value })
      ? undefined
      : at(dynamic.packedRelocations, "DT_RELR"),
  ),
};

export const elfHardening: readonly Gate[] = [
  executableStack,
  relro,
  bindNow,
  textRelocations,
  staticTls,
  packedRelocations,
];

/** A check of each linked file in a library. */
function linked(broken: (elf: LinkedElf, policy: ElfPolicy, strict: boolean) => Broken): Gate["check"] {
  return function* check({ facts, policy }: Subject) {
    if (policy.elf === undefined) return;
    for (const named of objectsOfFormat(facts, "elf")) {
      const { dynamic } = named.object;
      if (dynamic === undefined) continue;
      const found = broken({ ...named.object, dynamic }, policy.elf, policy.strict);
      if (found !== undefined) yield violation(named, found, found.value);
    }
  };
}

function at(place: Place | undefined, value: string): Broken {
  return place === undefined ? undefined : { section: place.section, offset: place.offset, value };
}

function knowsRelr({ libc, versions, androidApi }: ElfPolicy): boolean {
  if (androidApi !== undefined) return androidApi >= relrAndroidApi;
  // musl knows it since 1.2.4, which is newer than the promised 1.2.
  return libc === "glibc" && compareVersions(versions["GLIBC"] ?? relrGlibc, relrGlibc) >= 0;
}
