// Gates: the loaders of all promised systems can map an ELF library and find its symbols.
import type { ElfDynamicFacts, ElfFacts } from "../../inspect/elf-facts.ts";
import type { Place } from "../../inspect/facts.ts";
import { objectsOfFormat, violation, type Gate, type NamedObject, type Subject } from "../gate.ts";

type Linked = NamedObject<ElfFacts & { readonly dynamic: ElfDynamicFacts }>;

/** All linked files among the objects of a library. */
export function linkedElf({ facts }: Subject): Linked[] {
  return objectsOfFormat(facts, "elf").flatMap(({ object, ...named }) =>
    object.dynamic === undefined ? [] : [{ ...named, object: { ...object, dynamic: object.dynamic } }],
  );
}

export const elfLoadCongruence: Gate = {
  id: "elf-load-congruence",
  severity: "error",
  title: "a segment's place in the file does not fit its address",
  explanation:
    'Pages are mapped whole, so offset and address must agree in what lies below the alignment. The loader answers "ELF load command address/offset not properly aligned". Tools that patch libraries after the link leave such files behind.',
  fix: "link again and change nothing afterwards; with patchelf use 0.15 or newer and --page-size",
  *check(subject) {
    for (const named of linkedElf(subject))
      for (const load of named.object.loads)
        if (load.align > 1n && (load.address - load.fileOffset) % load.align !== 0n)
          yield violation(
            named,
            load,
            `offset 0x${load.fileOffset.toString(16)}, address 0x${load.address.toString(16)}, alignment 0x${load.align.toString(16)}`,
          );
  },
};

const [executable, writable] = [1, 2];

export const elfWritableCode: Gate = {
  id: "elf-writable-code",
  severity: "error",
  title: "a segment is writable and executable at once",
  explanation:
    "Whoever can write to such memory can run what he likes. SELinux, Android and hardened kernels refuse to map it, and the load fails.",
  fix: "link without -N/--omagic and without linker scripts that put code and data into one segment",
  *check(subject) {
    // By the ABI of SPARC the table of functions is both; this is about Linux and Android.
    if (subject.policy.elf?.libc === undefined) return;
    for (const named of linkedElf(subject))
      for (const load of named.object.loads)
        if ((load.flags & writable) !== 0 && (load.flags & executable) !== 0)
          yield violation(named, load, "readable, writable, executable");
  },
};

export const elfHashTable: Gate = {
  id: "elf-hash-table",
  severity: "error",
  title: "the oldest loader finds no hash table that it knows",
  explanation:
    'Symbols are looked up through DT_HASH or DT_GNU_HASH. Android before 6.0 (API 23) knows the first only, and says "empty/missing DT_HASH".',
  fix: "link with -Wl,--hash-style=both",
  *check(subject) {
    const api = subject.policy.elf?.androidApi;
    for (const named of linkedElf(subject)) {
      const { dynamic, symbols } = named.object;
      if (symbols.length === 0) continue;
      const kinds = dynamic.hashTables.map(({ value }) => value);
      if (kinds.length === 0) yield violation(named, dynamic, "neither DT_HASH nor DT_GNU_HASH");
      else if (api !== undefined && api < firstApiWithGnuHash && !kinds.includes("sysv"))
        yield violation(named, dynamic.hashTables[0] ?? dynamic, "DT_GNU_HASH only");
    }
  },
};

const firstApiWithGnuHash = 23;

export const elfSectionHeaders: Gate = {
  id: "elf-section-headers",
  severity: "error",
  title: "Android's loader finds no section headers",
  explanation:
    'Since Android 7.0 the loader reads the section table too and refuses a library without one ("has invalid e_shnum"). Tools that make libraries small cut it off.',
  fix: "strip with llvm-strip, not with sstrip or a packer",
  *check(subject) {
    if (subject.policy.elf?.libc !== "bionic") return;
    for (const named of linkedElf(subject))
      if (named.object.sections.length === 0) yield violation(named, fileHeader, "no section headers");
  },
};

const fileHeader: Place = { section: "ELF header e_shnum", offset: 0 };

/** Each thread of the process pays for the thread-local variables of every library. */
const mostTlsBytes = 64 * 1024;

export const elfTlsSize: Gate = {
  id: "elf-tls-size",
  severity: "warning",
  title: "the thread-local variables are large",
  explanation:
    "Their size is allocated for every thread of the process, whether it calls the library or not, and a library that is loaded late competes for a small reserve.",
  fix: "allocate large per-thread buffers at their first use",
  *check(subject) {
    for (const named of linkedElf(subject)) {
      const { segments, tlsBytes } = named.object;
      const segment = segments.find(({ type }) => type === PT_TLS);
      if (segment !== undefined && tlsBytes > mostTlsBytes)
        yield violation(named, segment, `${tlsBytes} bytes`);
    }
  },
};

const PT_TLS = 7;
