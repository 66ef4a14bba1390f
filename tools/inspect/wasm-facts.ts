// What is read from a WebAssembly module.
import type { Common, Located, Place } from "./facts.ts";

export interface WasmFacts extends Common {
  readonly format: "wasm";
  /** "component" is the newer container of modules; only its outer sections are read. */
  readonly kind: "module" | "component";
  readonly version: Located<number>;
  readonly sections: readonly WasmSection[];
  readonly imports: readonly WasmImport[];
  readonly exports: readonly WasmExport[];
  readonly memories: readonly WasmMemory[];
  readonly functions: number;
  /** The function that runs when the module is instantiated. */
  readonly start: Located<number> | undefined;
  readonly data: { readonly segments: number; readonly bytes: number };
  /** Texts of the producers section: { field: "language", name: "Rust", version: "" }. */
  readonly producers: readonly { readonly field: string; readonly name: string; readonly version: string }[];
  /** "+simd128": the code uses it; "-simd128": it must not be linked with code that does. */
  readonly targetFeatures: readonly Located<string>[];
  readonly hasNames: boolean;
  readonly hasDebugInfo: boolean;
  /** The module is an object for the linker (it has a "linking" section). */
  readonly relocatable: boolean;
}

/** A section; `section` says its name or number, `offset` where its content begins. */
export interface WasmSection extends Place {
  readonly id: number;
  /** Name of a custom section (id 0). */
  readonly name: string | undefined;
  readonly bytes: number;
}

export type WasmKind = "function" | "table" | "memory" | "global" | "tag";

export interface WasmImport extends Place {
  readonly module: string;
  readonly name: string;
  readonly kind: WasmKind;
}

export interface WasmExport extends Located<string> {
  readonly kind: WasmKind;
}

export interface WasmMemory extends Place {
  readonly imported: boolean;
  /** In pages of 64 KiB, unless `pageBytes` says otherwise. */
  readonly minimum: bigint;
  readonly maximum: bigint | undefined;
  readonly shared: boolean;
  /** Whether addresses have 64 bits. */
  readonly wide: boolean;
  readonly pageBytes: number;
}
