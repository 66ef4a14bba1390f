// What is read from a PE image, a COFF object, and an object of an import library.
import type { Common, Located, Place, Symbol } from "./facts.ts";

export interface PeFacts extends Common {
  readonly format: "pe";
  readonly timestamp: Located<number>;
  /** A debug entry of type REPRO says that the time stamp is a hash of the content. */
  readonly timestampIsHash: boolean;
  readonly isDll: Located<boolean>;
  /** Characteristics of the COFF header: 0x20 addresses above 2 GiB, 0x2000 DLL, 1 relocations stripped. */
  readonly characteristics: Located<number>;
  /** Value 2 is for windows, 3 for the console. */
  readonly subsystem: number;
  /** Oldest Windows that loads the file, "major.minor" of the subsystem version. */
  readonly minimumOsVersion: Located<string>;
  /** "major.minor" of the operating system version, which loaders of today do not look at. */
  readonly osVersion: Located<string>;
  readonly linkerVersion: Located<string>;
  readonly entryPoint: Located<number>;
  readonly imageBase: Located<bigint>;
  readonly dllCharacteristics: Located<number>;
  readonly checksum: Located<PeChecksum>;
  readonly sections: readonly PeSectionFacts[];
  /** The DLL name in the export directory. */
  readonly exportName: Located<string> | undefined;
  readonly exports: readonly PeExport[];
  readonly imports: readonly PeImport[];
  /** All entries of the debug directory. */
  readonly debug: readonly PeDebugEntry[];
  /** Path of the PDB in the CodeView debug entry. */
  readonly debugPath: Located<string> | undefined;
  /** What ties the image to its PDB: GUID as text and age. */
  readonly debugId: Located<{ readonly guid: string; readonly age: number }> | undefined;
  readonly tls: PeTls | undefined;
  readonly loadConfig: PeLoadConfig | undefined;
  /** .reloc: how many places change when the image is not at its own address; undefined without the directory. */
  readonly baseRelocations: Located<number> | undefined;
  /** Entries of the certificate table: an Authenticode signature has type 2. */
  readonly certificates: readonly PeCertificate[];
  readonly version: PeVersion | undefined;
  /** RT_MANIFEST, the XML that asks for privileges and library versions. */
  readonly manifest: Place | undefined;
  /** Number of functions with unwind data (.pdata); undefined on x86, which has none. */
  readonly unwindEntries: number | undefined;
  /** The COM descriptor that makes the file a .NET assembly. */
  readonly managed: Place | undefined;
}

export interface PeChecksum {
  /** 0 where the linker wrote none: only drivers and services need it. */
  readonly stored: number;
  readonly computed: number;
}

/** A section header; `section` and `offset` say where the header itself stands. */
export interface PeSectionFacts extends Place {
  readonly name: string;
  readonly address: number;
  readonly memoryBytes: number;
  readonly fileOffset: number;
  readonly fileBytes: number;
  /** 0x20 code, 0x20000000 executable, 0x40000000 readable, 0x80000000 writable. */
  readonly flags: number;
}

/** An exported function; one that has a number only is called "#12". */
export interface PeExport extends Located<string> {
  readonly ordinal: number;
  /** Relative virtual address; of the text of the forwarder where there is one. */
  readonly address: number;
  /** "OTHER.function" where the export stands for one of another library. */
  readonly forwarder?: string;
}

export interface PeImport {
  readonly library: Located<string>;
  /** An import by number is written "#12". */
  readonly names: readonly string[];
  readonly delayed: boolean;
}

export interface PeDebugEntry extends Place {
  /** IMAGE_DEBUG_TYPE: 2 CodeView, 13 POGO, 16 REPRO, 20 extended DLL characteristics. */
  readonly type: number;
  readonly bytes: number;
}

export interface PeTls extends Place {
  /** Relative virtual addresses of functions that run when a process or thread starts or ends. */
  readonly callbacks: readonly Located<number>[];
  readonly templateBytes: number;
}

export interface PeLoadConfig extends Place {
  readonly bytes: number;
  /** 0x100 says that indirect calls are checked, 0x400 that there is a table of what may be called. */
  readonly guardFlags: Located<number> | undefined;
  readonly guardFunctions: number | undefined;
  readonly securityCookie: Located<bigint> | undefined;
  /** x86: number of exception handlers that are registered; undefined without a table (SafeSEH is off). */
  readonly safeSehHandlers: Located<number> | undefined;
  /** Where the loader looks for the libraries that this one imports (LOAD_LIBRARY_SEARCH_…). */
  readonly dependentLoadFlags: Located<number> | undefined;
}

export interface PeCertificate extends Place {
  readonly bytes: number;
  readonly type: number;
}

export interface PeVersion extends Place {
  readonly file: string;
  readonly product: string;
  /** Texts of the first language, e.g. OriginalFilename, LegalCopyright. */
  readonly texts: readonly { readonly key: string; readonly value: string }[];
}

export interface CoffFacts extends Common {
  readonly format: "coff";
  readonly timestamp: Located<number>;
  readonly sections: readonly CoffSectionFacts[];
  readonly symbols: readonly CoffSymbol[];
  /** Linker directives of .drectve. */
  readonly directives: readonly Located<string>[];
  /** @feat.00: bit 0 safe exception handlers, bit 11 guarded calls, bit 14 guarded exceptions. */
  readonly features: Located<number> | undefined;
  /** What a member of an import library in GNU's long form says, section by section. */
  readonly importParts: CoffImportParts | undefined;
}

export interface CoffSectionFacts extends Place {
  readonly name: string;
  readonly flags: number;
  readonly fileOffset: number;
  readonly bytes: number;
  readonly relocations: number;
}

export interface CoffSymbol extends Symbol {
  /** Name of the section that defines it. */
  readonly definedIn?: string;
}

export interface CoffImportParts {
  /** DLL name, in the member that closes the import table (.idata$7). */
  readonly library: Located<string> | undefined;
  /** Name of the imported function (.idata$6). */
  readonly symbol: Located<string> | undefined;
}

/** A short import object (member of an import library). */
export interface ImportObjectFacts extends Common {
  readonly format: "coff-import";
  readonly timestamp: Located<number>;
  readonly symbol: Located<string>;
  readonly library: Located<string>;
  readonly kind: "code" | "data" | "constant" | "other";
  /** How the linker makes the imported name of the symbol; "ordinal" imports by number. */
  readonly nameType: "ordinal" | "name" | "no-prefix" | "undecorated" | "export-as" | "other";
  readonly ordinalOrHint: number;
}
