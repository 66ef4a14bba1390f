// What can be said of an artifact from its bytes alone; every reader yields this one shape.
import type { ArchiveFacts } from "./archive-facts.ts";
import type { ElfFacts } from "./elf-facts.ts";
import type { MachOFacts } from "./macho-facts.ts";
import type { CoffFacts, ImportObjectFacts, PeFacts } from "./pe-facts.ts";
import type { Processor } from "./processor.ts";
import type { WasmFacts } from "./wasm-facts.ts";

export interface ArtifactFacts {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly content: ObjectFacts | ArchiveFacts | FatFacts;
}

export type ObjectFacts = ElfFacts | PeFacts | CoffFacts | MachOFacts | ImportObjectFacts | WasmFacts;

/** A place in the file; the offset counts from the start of the file, in archives and fat files too. */
export interface Place {
  /** Section, header or load command, e.g. ".dynamic DT_SONAME", "LC_ID_DYLIB". */
  readonly section: string;
  readonly offset: number;
}

/** A value and the place where it was read. */
export interface Located<T> extends Place {
  readonly value: T;
}

export interface Common {
  readonly cpu: Processor;
  readonly bits: 32 | 64;
  /** Where the file names its processor. */
  readonly machine: Located<number>;
}

/** A global or weak symbol. Mach-O and x86 COFF put an underscore before C names; it is dropped here. */
export interface Symbol {
  readonly name: string;
  readonly defined: boolean;
  readonly binding: "global" | "weak";
  /** Whether other modules can see it: false for hidden ELF symbols and private external Mach-O symbols. */
  readonly visible: boolean;
  /** Version of an ELF symbol, e.g. "GLIBC_2.17". */
  readonly version?: string;
  /** Offset of the entry in the symbol table. */
  readonly offset: number;
}

export interface FatFacts {
  readonly format: "fat";
  /** Whether offsets in the fat header have 64 bits. */
  readonly wide: boolean;
  readonly slices: readonly FatSlice[];
}

export interface FatSlice {
  /** cputype, cpusubtype and alignment (exponent of two) as the fat header gives them. */
  readonly machine: Located<number>;
  readonly subtype: Located<number>;
  readonly align: Located<number>;
  readonly offset: number;
  readonly bytes: number;
  readonly content: MachOFacts | ArchiveFacts;
}
