// What can be said of an artifact from its bytes alone; every reader yields this one shape.
import type { Cpu } from "../matrix/target.ts";

export interface ArtifactFacts {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly content: ObjectFacts | ArchiveFacts | FatFacts;
}

/** A position in the file, for evidence. */
export interface Evidence {
  readonly section: string;
  readonly offset: number;
  readonly value: string;
}

export type ObjectFacts = ElfFacts | PeFacts | CoffFacts | MachOFacts | ImportObjectFacts;

interface Common {
  readonly cpu: Cpu | `unknown-${string}`;
  readonly bits: 32 | 64;
}

export interface Symbol {
  readonly name: string;
  readonly defined: boolean;
  readonly binding: "global" | "weak" | "local";
  /** Version of an ELF symbol, e.g. "GLIBC_2.17". */
  readonly version?: string;
}

export interface ElfFacts extends Common {
  readonly format: "elf";
  readonly type: "shared" | "relocatable" | "executable" | "other";
  readonly flags: number;
  readonly soname: string | undefined;
  readonly needed: readonly string[];
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  /** Program headers of type PT_LOAD. */
  readonly loads: readonly {
    readonly offset: number;
    readonly address: bigint;
    readonly align: bigint;
    readonly flags: number;
  }[];
  readonly relro: { readonly address: bigint; readonly size: bigint } | undefined;
  readonly executableStack: boolean | undefined;
  readonly bindNow: boolean;
  readonly textRelocations: boolean;
  readonly staticTls: boolean;
  readonly noDelete: boolean;
  readonly tlsBytes: number;
  /** Dynamic symbols for shared objects, the symbol table for relocatable ones. */
  readonly symbols: readonly Symbol[];
  /** Names of needed versions per library: { file: "libc.so.6", versions: ["GLIBC_2.17"] }. */
  readonly versionNeeds: readonly {
    readonly file: string;
    readonly versions: readonly { readonly name: string; readonly weak: boolean }[];
  }[];
  readonly androidApi: number | undefined;
  readonly buildId: string | undefined;
  readonly hasDebugInfo: boolean;
}

export interface PeFacts extends Common {
  readonly format: "pe";
  readonly timestamp: number;
  readonly isDll: boolean;
  readonly subsystem: number;
  readonly minimumOsVersion: string;
  readonly dllCharacteristics: number;
  /** The DLL name in the export directory. */
  readonly exportName: string | undefined;
  readonly exports: readonly string[];
  readonly imports: readonly {
    readonly library: string;
    readonly names: readonly string[];
    readonly delayed: boolean;
  }[];
  readonly debugPath: string | undefined;
}

export interface CoffFacts extends Common {
  readonly format: "coff";
  readonly symbols: readonly Symbol[];
  /** Linker directives of .drectve. */
  readonly directives: readonly string[];
}

/** A short import object (member of an import library). */
export interface ImportObjectFacts extends Common {
  readonly format: "coff-import";
  readonly symbol: string;
  readonly library: string;
}

export interface MachOFacts extends Common {
  readonly format: "macho";
  readonly type: "dylib" | "object" | "executable" | "bundle" | "other";
  readonly platform: "macos" | "ios" | "ios-simulator" | "unknown" | `other-${number}`;
  readonly minimumOs: string | undefined;
  readonly sdk: string | undefined;
  readonly installName: string | undefined;
  readonly dependencies: readonly string[];
  readonly rpaths: readonly string[];
  readonly uuid: string | undefined;
  /** Exported names without the leading underscore: the export trie for dylibs, external defined symbols for objects. */
  readonly exports: readonly string[];
  readonly symbols: readonly Symbol[];
  readonly segments: readonly {
    readonly name: string;
    readonly address: bigint;
    readonly size: bigint;
    readonly fileOffset: bigint;
  }[];
  readonly signature:
    | { readonly kind: "none" }
    | { readonly kind: "adhoc" | "other"; readonly pages: number; readonly badPages: number };
  readonly headerPadBytes: number;
}

export interface ArchiveFacts {
  readonly format: "archive";
  readonly flavour: "gnu" | "bsd" | "coff" | "thin";
  readonly members: readonly {
    readonly name: string;
    readonly offset: number;
    readonly bytes: number;
    readonly object: ObjectFacts | undefined;
  }[];
  /** Names in the archive's symbol index. */
  readonly index: readonly string[];
}

export interface FatFacts {
  readonly format: "fat";
  readonly slices: readonly {
    readonly offset: number;
    readonly bytes: number;
    readonly content: MachOFacts | ArchiveFacts;
  }[];
}
