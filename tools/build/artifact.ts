// What a build hands on: the libraries of one target and how they came to be.
import type { Target } from "../matrix/target.ts";
import type { StdProvider, Sysroot } from "../toolchain/toolchain.ts";

export interface Artifact {
  readonly target: Target;
  /** Folder artifacts/<triple>/ that holds everything of this target. */
  readonly directory: string;
  readonly libraries: readonly BuiltLibrary[];
  readonly provenance: Provenance;
  /** What the same libraries weighed with the Rust std from elsewhere, where this folder has held such a build. */
  readonly otherStd?: StdSizes;
}

/** Measured sizes of the libraries that were built with a Rust std of one origin. */
export interface StdSizes {
  readonly std: StdProvider;
  readonly gitCommit: string;
  readonly libraries: readonly Pick<BuiltLibrary, "kind" | "bytes">[];
}

export interface BuiltLibrary {
  /** "import" is the import library of a DLL; "addon" the Node-API addon. */
  readonly kind: "dynamic" | "static" | "import" | "addon";
  /** Absolute path. */
  readonly path: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Build facts that go into the manifest; nothing here depends on when or where the build ran. */
export interface Provenance {
  readonly rustc: string;
  readonly std: StdProvider;
  readonly linker: string;
  readonly cCompiler: string;
  /** "stub" marks an artifact linked against generated stubs; publish refuses it. */
  readonly sysroot: Sysroot;
  readonly profile: "release" | "quick";
  readonly gitCommit: string;
  /** Libraries a consumer of the static library must link, as rustc --print native-static-libs names them. */
  readonly nativeStaticLibraries: readonly string[];
  /** Of a file that holds several targets' libraries: where the std of each came from. */
  readonly slices?: readonly { readonly triple: string; readonly std: StdProvider }[];
}
