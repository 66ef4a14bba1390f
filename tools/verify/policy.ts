// What a library is held to; every part that is undefined is not judged.
import type { MachOPlatform } from "../inspect/macho-facts.ts";
import type { ObjectFormat } from "../matrix/target.ts";
import type { Severity } from "./finding.ts";

export interface Policy {
  /** What asks for this: "target x86_64-unknown-linux-gnu", "the bytes themselves". */
  readonly source: string;
  /** Whether the library is one that is about to be released: then a warning stops it as an error does. */
  readonly strict: boolean;
  readonly format: ObjectFormat | undefined;
  /** Name of the processor as the readers give it, e.g. "x86_64". */
  readonly cpu: string | undefined;
  readonly bits: 32 | 64 | undefined;
  readonly elf: ElfPolicy | undefined;
  readonly pe: PePolicy | undefined;
  readonly macho: MachOPolicy | undefined;
  /** Most functions that may run at load before anything is called. */
  readonly initializers: number | undefined;
  /** Severities that differ from the gates' own; "off" takes a gate out. */
  readonly severities: Readonly<Record<string, Severity | "off">>;
}

export type CLibrary = "glibc" | "musl" | "bionic";

export interface ElfPolicy {
  /** Names of libraries that every system of the target has; "*" stands for any characters. */
  readonly libraries: readonly string[] | undefined;
  readonly libc: CLibrary | undefined;
  /** Highest versions of versioned symbols, e.g. { GLIBC: "2.17" }. */
  readonly versions: Readonly<Record<string, string>>;
  /** Highest page size of the systems of the target; segments must be aligned to it. */
  readonly pageBytes: number | undefined;
  readonly androidApi: number | undefined;
  /** Whether floats are passed in registers; undefined where the processor knows one way only. */
  readonly hardFloat: boolean | undefined;
}

export interface PePolicy {
  /** Names in lower case; "*" stands for any characters. */
  readonly libraries: readonly string[] | undefined;
  readonly minimumOs: string | undefined;
  /** Bits of DllCharacteristics that must be set, e.g. "NX_COMPAT". */
  readonly characteristics: readonly string[];
}

export interface MachOPolicy {
  readonly platform: MachOPlatform | undefined;
  readonly minimumOs: string | undefined;
  /** The kernel ends a process that loads unsigned code. */
  readonly signatureRequired: boolean;
  /** Whether the file must (true) or must not (false) hold several processors' code. */
  readonly fat: boolean | undefined;
  /** Processors that a universal file must hold the code of, and no others. */
  readonly processors?: readonly string[] | undefined;
}

/** Whether a library name stands in a list of names and patterns; Windows does not tell case. */
export function isListed(name: string, list: readonly string[], caseSensitive = true): boolean {
  const wanted = caseSensitive ? name : name.toLowerCase();
  return list.some((entry) => (entry.includes("*") ? patternOf(entry).test(wanted) : entry === wanted));
}

const patterns = new Map<string, RegExp>();

function patternOf(entry: string): RegExp {
  const known = patterns.get(entry);
  if (known !== undefined) return known;
  const parts = entry.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const made = new RegExp(`^${parts.join(".*")}$`);
  patterns.set(entry, made);
  return made;
}
