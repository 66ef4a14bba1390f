// What is read from an ELF file.
import type { Common, Located, Place, Symbol } from "./facts.ts";

export interface ElfFacts extends Common {
  readonly format: "elf";
  readonly littleEndian: boolean;
  /** EI_OSABI: 0 for System V and Linux, 3 where GNU extensions are used, 9 FreeBSD, … */
  readonly osAbi: Located<number>;
  readonly type: Located<"shared" | "relocatable" | "executable" | "other">;
  readonly flags: Located<number>;
  /** The program that loads the file (PT_INTERP); libraries have none. */
  readonly interpreter: Located<string> | undefined;
  /** The dynamic section; undefined in relocatable objects and static executables. */
  readonly dynamic: ElfDynamicFacts | undefined;
  /** All program headers, in the order of the table. */
  readonly segments: readonly ElfSegment[];
  /** Program headers of type PT_LOAD. */
  readonly loads: readonly ElfSegment[];
  /** PT_GNU_RELRO. */
  readonly relro: ElfSegment | undefined;
  /** PT_GNU_STACK: whether it asks for an executable stack; undefined without that header. */
  readonly executableStack: Located<boolean> | undefined;
  /** Where the program headers begin. */
  readonly programHeaders: Place;
  readonly sections: readonly ElfSectionFacts[];
  /** Size in memory of the thread-local template (PT_TLS). */
  readonly tlsBytes: number;
  /** The table that `symbols` come from; the file's header where there is none. */
  readonly symbolTable: Place;
  /** Dynamic symbols for linked files, the symbol table for relocatable ones. */
  readonly symbols: readonly ElfSymbol[];
  /** Whether the file still has the full symbol table that the static linker uses (SHT_SYMTAB). */
  readonly fullSymbolTable: Place | undefined;
  /** Versions needed of each library: { file: "libc.so.6", versions: ["GLIBC_2.17"] }. */
  readonly versionNeeds: readonly {
    readonly file: string;
    readonly versions: readonly (Located<string> & { readonly weak: boolean })[];
  }[];
  /** Versions that the library itself defines; the first is its own name where the linker wrote one. */
  readonly versionDefinitions: readonly ElfVersionDefinition[];
  readonly relocations: ElfRelocationFacts;
  readonly notes: readonly ElfNote[];
  /** API level in .note.android.ident. */
  readonly androidApi: Located<number> | undefined;
  readonly buildId: string | undefined;
  /** Protection of branches that the whole file was compiled for (.note.gnu.property). */
  readonly properties: ElfProperties | undefined;
  /** .ARM.attributes: what the code asks of a 32-bit ARM processor. */
  readonly armAttributes: ElfArmAttributes | undefined;
  /** Texts of .comment, e.g. "rustc version 1.95.0". */
  readonly comments: readonly Located<string>[];
  readonly hasDebugInfo: boolean;
  /** Sections with debug information. */
  readonly debugSections: readonly string[];
  /** .gnu_debuglink: file with the debug information. */
  readonly debugLink: Located<string> | undefined;
}

export interface ElfDynamicFacts extends Place {
  readonly soname: Located<string> | undefined;
  readonly needed: readonly Located<string>[];
  readonly rpath: readonly Located<string>[];
  readonly runpath: readonly Located<string>[];
  /** DT_FLAGS and DT_FLAGS_1 as they stand; 0 at the section's start where there is no entry. */
  readonly flags: Located<number>;
  readonly flags1: Located<number>;
  /** The entry that asks for all symbols to be bound at load (DT_BIND_NOW, DF_BIND_NOW or DF_1_NOW). */
  readonly bindNow: Place | undefined;
  /** DT_TEXTREL or DF_TEXTREL. */
  readonly textRelocations: Place | undefined;
  /** DF_STATIC_TLS. */
  readonly staticTls: Place | undefined;
  /** DF_1_NODELETE. */
  readonly noDelete: Place | undefined;
  /** DT_SYMBOLIC or DF_SYMBOLIC: the library's own symbols come first. */
  readonly symbolic: Place | undefined;
  /** DT_RELR: relocations in the packed form, which loaders of before 2018 do not know. */
  readonly packedRelocations: Place | undefined;
  /** DT_HASH and DT_GNU_HASH; a loader needs one that it knows. */
  readonly hashTables: readonly Located<"sysv" | "gnu">[];
  /** Functions that run at load and unload: entries of DT_INIT_ARRAY and DT_FINI_ARRAY. */
  readonly initializers: Located<number> | undefined;
  readonly finalizers: Located<number> | undefined;
  /** DT_INIT and DT_FINI: one function each, the older form. */
  readonly init: Place | undefined;
  readonly fini: Place | undefined;
}

export interface ElfSegment extends Place {
  readonly type: number;
  readonly fileOffset: bigint;
  readonly address: bigint;
  readonly fileBytes: bigint;
  readonly memoryBytes: bigint;
  readonly align: bigint;
  readonly flags: number;
}

/** A section header; `section` and `offset` say where the header itself stands. */
export interface ElfSectionFacts extends Place {
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly fileOffset: bigint;
  readonly bytes: bigint;
}

export interface ElfSymbol extends Symbol {
  readonly kind: "none" | "function" | "object" | "tls" | "ifunc" | "common" | "other";
  readonly bytes: bigint;
  readonly value: bigint;
}

export interface ElfVersionDefinition extends Located<string> {
  /** Versions that this one continues. */
  readonly parents: readonly string[];
  /** VER_FLG_BASE: the name of the file and no version of symbols. */
  readonly base: boolean;
}

/** How many relocations of a kind there are, and where the first one stands. */
export interface RelocationCount {
  readonly count: number;
  readonly first: Place;
}

export interface ElfRelocationFacts {
  /** Entries of all relocation sections. */
  readonly total: number;
  /** Entries by the number of their type in the processor's ABI. */
  readonly byType: readonly { readonly type: number; readonly count: number }[];
  /** Thread-local variables at a fixed distance from the thread pointer: use up the loader's reserve when loaded late. */
  readonly staticTls: RelocationCount | undefined;
  /** Relocations of a linked file that change a segment without write permission. */
  readonly inReadOnly: RelocationCount | undefined;
  /** Words of a packed table (SHT_RELR). */
  readonly packedWords: RelocationCount | undefined;
  /** Bytes of a table in Android's own compressed form ("APS2"). */
  readonly androidBytes: RelocationCount | undefined;
}

export interface ElfNote extends Place {
  readonly owner: string;
  readonly type: number;
  readonly bytes: number;
}

export interface ElfProperties extends Place {
  /** GNU_PROPERTY_X86_FEATURE_1_AND: indirect branch tracking and shadow stacks. */
  readonly x86: Located<{ readonly ibt: boolean; readonly shstk: boolean }> | undefined;
  /** GNU_PROPERTY_AARCH64_FEATURE_1_AND: branch target identification and pointer authentication. */
  readonly aarch64: Located<{ readonly bti: boolean; readonly pac: boolean }> | undefined;
  /** GNU_PROPERTY_X86_ISA_1_NEEDED: bit 0 baseline, bit 1 x86-64-v2, bit 2 v3, bit 3 v4. */
  readonly x86IsaNeeded: Located<number> | undefined;
}

/** Numbers as in the "Addenda to the ABI for the Arm Architecture"; undefined where the tag is not there. */
export interface ElfArmAttributes extends Place {
  readonly cpuName: Located<string> | undefined;
  /** Tag_CPU_arch: 10 is ARMv7. */
  readonly cpuArchitecture: Located<number> | undefined;
  /** Tag_FP_arch: 3 VFPv3, 4 VFPv3-D16, 5 VFPv4, 7 ARMv8. */
  readonly floatingPoint: Located<number> | undefined;
  /** Tag_Advanced_SIMD_arch: 1 NEON, 2 NEON with fused multiply-add. */
  readonly simd: Located<number> | undefined;
  /** Tag_ABI_VFP_args: 1 passes floats in registers. */
  readonly vfpArguments: Located<number> | undefined;
}
