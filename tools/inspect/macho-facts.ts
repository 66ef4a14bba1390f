// What is read from a Mach-O file.
import type { Common, Located, Place, Symbol } from "./facts.ts";

export type MachOPlatform =
  | "macos"
  | "ios"
  | "tvos"
  | "watchos"
  | "bridgeos"
  | "mac-catalyst"
  | "ios-simulator"
  | "tvos-simulator"
  | "watchos-simulator"
  | "driverkit"
  | "visionos"
  | "visionos-simulator"
  | "unknown"
  | `other-${number}`;

export interface MachOFacts extends Common {
  readonly format: "macho";
  readonly cpuSubtype: Located<number>;
  readonly type: Located<"dylib" | "object" | "executable" | "bundle" | "stub" | "symbols" | "other">;
  readonly flags: Located<MachOFlags>;
  /** Value "unknown" at the file's header where no load command names the platform. */
  readonly platform: Located<MachOPlatform>;
  readonly minimumOs: Located<string> | undefined;
  readonly sdk: string | undefined;
  /** All platforms that the file says it is for; a "zippered" one is for macOS and Mac Catalyst. */
  readonly platforms: readonly (Located<MachOPlatform> & { readonly minimumOs: string })[];
  /** Tools of LC_BUILD_VERSION: 1 clang, 2 swift, 3 ld, 4 lld. */
  readonly tools: readonly { readonly tool: number; readonly version: string }[];
  readonly sourceVersion: string | undefined;
  readonly installName: Located<string> | undefined;
  /** Versions of LC_ID_DYLIB. */
  readonly installVersions: { readonly current: string; readonly compatibility: string } | undefined;
  readonly dependencies: readonly MachODependency[];
  readonly rpaths: readonly Located<string>[];
  readonly uuid: string | undefined;
  /** LC_ENCRYPTION_INFO with a value other than 0: pages that only Apple's loader can read. */
  readonly encryption: Located<number> | undefined;
  /** Where the export trie begins; the file's header where there is none. */
  readonly exportTrie: Place;
  /** Names in the export trie of a linked file. */
  readonly exports: readonly MachOExport[];
  readonly symbols: readonly MachOSymbol[];
  readonly segments: readonly MachOSegment[];
  readonly fixups: MachOFixups;
  /** Functions that run at load: __mod_init_func and __init_offsets. */
  readonly initializers: Located<number> | undefined;
  /** The first section of the Objective-C runtime. */
  readonly objectiveC: Place | undefined;
  /** __LLVM,__bitcode. */
  readonly bitcode: Place | undefined;
  readonly hasDebugInfo: boolean;
  readonly signature: MachOSignature;
  /** Free bytes between the load commands and the first section. */
  readonly headerPadBytes: number;
}

export interface MachOFlags {
  readonly bits: number;
  /** Undefined symbols name the library they come from. */
  readonly twoLevel: boolean;
  readonly weakDefines: boolean;
  readonly noReexportedDylibs: boolean;
  readonly appExtensionSafe: boolean;
}

export interface MachODependency extends Located<string> {
  readonly kind: "load" | "weak" | "reexport" | "lazy" | "upward";
  readonly currentVersion: string;
  readonly compatibilityVersion: string;
}

export interface MachOExport extends Located<string> {
  readonly kind: "regular" | "thread-local" | "absolute";
  readonly weak: boolean;
  /** Distance from the Mach-O header; undefined for what is handed on from another library. */
  readonly address?: bigint;
  /** The library and the name there, of an export that is handed on. */
  readonly reexport?: { readonly library: string; readonly name: string };
}

export interface MachOSymbol extends Symbol {
  /** The library an undefined symbol is looked up in, in a file with two-level names. */
  readonly library?: string;
}

export interface MachOSegment extends Place {
  readonly name: string;
  readonly address: bigint;
  readonly size: bigint;
  readonly fileOffset: bigint;
  readonly fileBytes: bigint;
  /** Bits 1 read, 2 write, 4 execute. */
  readonly maximumProtection: number;
  readonly initialProtection: number;
  readonly flags: number;
  readonly sections: readonly MachOSection[];
}

export interface MachOSection extends Place {
  readonly name: string;
  /** Differs from the segment's own name in objects, which have one segment for all. */
  readonly segment: string;
  readonly address: bigint;
  readonly bytes: bigint;
  readonly fileOffset: number;
  /** Exponent of two. */
  readonly align: number;
  /** Low byte: type; the rest attributes. */
  readonly flags: number;
  readonly relocations: number;
}

export interface MachOFixups extends Place {
  readonly kind: "chained" | "dyld-info" | "none";
  /** Symbols that dyld looks up, each once for each library and strength. */
  readonly bindings: readonly MachOBinding[];
}

export interface MachOBinding {
  readonly symbol: string;
  /** "self", "main executable", "flat lookup", "weak lookup", or the name of a dependency. */
  readonly library: string;
  readonly weak: boolean;
}

export type MachOSignature =
  | { readonly kind: "none" }
  | ({
      /** "certificate" where a CMS signature follows the code directory. */
      readonly kind: "adhoc" | "certificate" | "other";
      readonly pages: number;
      /** Pages whose hash differs from the code directory's. */
      readonly badPages: readonly number[];
      readonly pageBytes: number;
      readonly hash: string;
      /** Flags of the code directory: 2 ad hoc, 0x10000 hardened runtime, 0x20000 made by the linker. */
      readonly flags: Located<number>;
      readonly identifier: Located<string>;
      readonly team: string | undefined;
      /** Number of code directories, each with its own kind of hash. */
      readonly directories: number;
      /** Parts of the signature whose hash differs from the code directory's, e.g. "entitlements". */
      readonly badParts: readonly string[];
      /** XML of the entitlements. */
      readonly entitlements: string | undefined;
    } & Place);
