// What a target is: the facts from which every name, flag and gate is derived.

export type Family =
  "linux-gnu" | "linux-musl" | "windows-gnullvm" | "windows-msvc" | "macos" | "ios" | "android" | "web";
/** As the first word of Rust's triples names it, e.g. "x86_64". */
export type Cpu = string;
export type ObjectFormat = "elf" | "pe" | "macho" | "wasm";
/** Struct layout class: pointer size and alignment of uint64_t; three classes cover every target. */
export type AbiClass = "p8a8" | "p4a8" | "p4a4";
export type LibraryKind = "dynamic" | "static";

export interface Target {
  /** Rust target triple; also the name in archives and folders. */
  readonly triple: string;
  readonly family: Family;
  readonly cpu: Cpu;
  readonly format: ObjectFormat;
  readonly abiClass: AbiClass;
  readonly libraries: readonly LibraryKind[];
  /** The oldest system that artifacts may require. */
  readonly floor: Floor;
  /** Triples of the targets whose libraries, side by side in one file, are this target's. */
  readonly slices?: readonly string[];
  /** Node platform package, where Node runs on the target. */
  readonly node?: {
    readonly os: "linux" | "win32" | "darwin";
    readonly cpu: "x64" | "ia32" | "arm64" | "arm";
    readonly libc?: "glibc" | "musl";
  };
  /** The representative set that the gate builds in continuous integration. */
  readonly tier: 1 | 2;
}

export type Floor =
  | { readonly kind: "glibc"; readonly version: string }
  | { readonly kind: "musl"; readonly version: string }
  | { readonly kind: "windows"; readonly version: string }
  | { readonly kind: "macos" | "ios" | "ios-simulator"; readonly version: string }
  | { readonly kind: "android"; readonly api: number }
  | { readonly kind: "none" };
