// The policy of a library that nobody wrote one for: what its own bytes promise, judged by what breaks users.
import type { MachOFacts } from "../inspect/macho-facts.ts";
import type { ElfFacts } from "../inspect/elf-facts.ts";
import { objectsOf, objectsOfFormat, type Sibling } from "./gate.ts";
import { cLibraryOf } from "./gates/dependencies.ts";
import { formatByName } from "./library-role.ts";
import type { CLibrary, ElfPolicy, MachOPolicy, PePolicy, Policy } from "./policy.ts";
import { hasPythonModule } from "./sibling-index.ts";
import {
  androidLibraries,
  manylinuxLibraries,
  muslLibraries,
  windowsLibraries,
  windowsPythonLibraries,
} from "./system-libraries.ts";

export function inferPolicy({ library, facts }: Sibling, siblings: readonly Sibling[]): Policy {
  const [first] = objectsOf(facts);
  const elf = objectsOfFormat(facts, "elf")[0]?.object;
  const macho = objectsOfFormat(facts, "macho")[0]?.object;
  const single = facts.content.format === "fat" ? undefined : first?.object;
  return {
    source: "the bytes themselves",
    strict: false,
    format: formatByName(library.fileName),
    // An archive's members must agree with its first.
    cpu: single?.cpu,
    bits: single?.bits,
    elf: elf === undefined ? undefined : elfPolicy(elf),
    pe: pePolicy(siblings, single?.bits),
    macho: macho === undefined ? undefined : machOPolicy(macho),
    initializers: undefined,
    severities: foreignSeverities(elf),
  };
}

function elfPolicy(elf: ElfFacts): ElfPolicy {
  const libc = libcOf(elf);
  return {
    libraries: libc === undefined ? undefined : systemLibraries[libc],
    libc,
    versions: {},
    pageBytes: pageBytes(elf, libc),
    androidApi: undefined,
    hardFloat: undefined,
  };
}

/** What a library that was built for one distribution or another may expect to find. */
const systemLibraries: Readonly<Record<CLibrary, readonly string[]>> = {
  glibc: manylinuxLibraries,
  musl: [...muslLibraries, "libgcc_s.so.1", "libstdc++.so.6"],
  bionic: androidLibraries,
};

export function libcOf({ androidApi, dynamic, comments }: ElfFacts): CLibrary | undefined {
  if (androidApi !== undefined) return "bionic";
  const needed = (dynamic?.needed ?? []).map(({ value }) => value);
  const named = needed.flatMap((name) => cLibraryOf(name) ?? []);
  if (named.length === 1 || new Set(named).size === 1) return named[0];
  if (!named.includes("musl")) return named[0];
  const android =
    needed.some((name) => androidOnly.includes(name)) || comments.some(({ value }) => /Android/.test(value));
  return android ? "bionic" : "musl";
}

/** Libraries that only Android has without a number. */
const androidOnly: readonly string[] = ["liblog.so", "libdl.so", "libm.so", "libandroid.so"];

function pageBytes({ cpu, bits }: ElfFacts, libc: CLibrary | undefined): number | undefined {
  // Devices with pages of 16 KiB run 64-bit code only.
  if (libc === "bionic") return bits === 64 ? 0x4000 : 0x1000;
  if (libc === undefined) return undefined;
  return cpu === "aarch64" ? 0x10000 : undefined;
}

/** What is loaded into Python finds Python's own DLLs, whichever library of the package asks for them. */
function pePolicy(siblings: readonly Sibling[], bits: 32 | 64 | undefined): PePolicy {
  return {
    libraries: hasPythonModule(siblings)
      ? [...windowsLibraries, ...windowsPythonLibraries]
      : windowsLibraries,
    minimumOs: "10.0",
    characteristics: ["DYNAMIC_BASE", "NX_COMPAT", ...(bits === 64 ? ["HIGH_ENTROPY_VA"] : [])],
  };
}

function machOPolicy(macho: MachOFacts): MachOPolicy {
  return {
    platform: macho.platform.value === "unknown" ? undefined : macho.platform.value,
    minimumOs: undefined,
    // What goes into an app for a device is signed with the app.
    signatureRequired: macho.platform.value === "macos",
    fat: undefined,
  };
}

/** Where the gates' own severities presume that the library was made to be released by whoever asks. */
function foreignSeverities(elf: ElfFacts | undefined): Policy["severities"] {
  const android = elf !== undefined && libcOf(elf) === "bionic";
  return {
    // A distribution's library may need what the distribution has.
    "elf-needed": android ? "error" : "warning",
    // Common, and a matter of whoever builds: no user meets them.
    "archive-metadata": "note",
    "elf-bind-now": "note",
    "pe-timestamp": "note",
    "pe-export-name": "note",
    // Alpine has had the newer loader since 2023.
    "elf-packed-relocations": "warning",
  };
}
