// The facts of one project that the stages work on; the stages themselves know no project by name.

/** A crate whose libraries are packed. */
export interface Crate {
  /** Cargo package that builds the libraries. */
  readonly package: string;
  /** Base name of the libraries: lib<name>.so, <name>.dll, <name>.wasm. */
  readonly library: string;
  readonly manifest: string;
}

/** The crate that becomes a module for the web. */
export interface WebCrate extends Crate {
  /** What the module exports where that is not the header's functions. */
  readonly functions?: readonly string[];
  /** The npm package of the module; without it the module is packed in an archive alone. */
  readonly npm?: WebPackage;
}

/** An npm package that consists of a module, its glue and its types. */
export interface WebPackage {
  /** Folder of package.json and README.md; its script `build` writes the glue and the types. */
  readonly directory: string;
  readonly package: string;
  /** Who keeps the contract of the module. */
  readonly owner: string;
  /** Functions that the manifest names. */
  readonly exports: readonly string[];
  /** The most that the module may have, as it is and compressed by gzip. */
  readonly mostBytes: number;
  readonly mostGzipBytes: number;
  /** Program that runs the unpacked package in Node. */
  readonly smokeProgram: string;
}

/** A Rust crate with a hand-written C header, and how its packages are called. Paths are relative to `root`. */
export interface Project {
  /** Absolute path of the folder that holds everything below. */
  readonly root: string;
  /** Base name of packages and archives, e.g. "nnrp" in nnrp-0.1.0-x86_64-unknown-linux-gnu.tar.gz. */
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly licenseFile: string;
  readonly description: string;
  readonly homepage: string;
  readonly crate: Crate;
  /** The crate that is built for WebAssembly; without it the project has nothing for the web. */
  readonly wasm?: WebCrate;
  /** Name of the XCFramework for Apple's package manager, without its ending; without it none is packed. */
  readonly xcframework?: string;
  readonly headers: {
    /** Folder that goes on the include path. */
    readonly includeDirectory: string;
    /** The umbrella header and the ones it includes, in order, relative to includeDirectory. */
    readonly files: readonly string[];
    /** Prefix of every exported function, e.g. "nnrp_". */
    readonly functionPrefix: string;
    /** Macro that users of the static library define, e.g. "NNRP_STATIC". */
    readonly staticDefine: string;
    /** Exceptions to the naming rules; see tools/header. */
    readonly overlay: string;
  };
  readonly generated: {
    readonly abiModel: string;
    readonly rustAbiTest: string;
    /** Calls of every function for a fuzzer in Rust; without it none are written. */
    readonly rustCalls?: string;
    /** The page of status and error codes; without it none is written. */
    readonly errorPage?: string;
    readonly cLayout: string;
    readonly exportsDirectory: string;
    readonly nodeAddon: string;
    readonly nodeModuleDirectory: string;
  };
  readonly node: {
    /** Folder of the npm root package. */
    readonly directory: string;
    /** npm name of the root package; platform packages are `<name>-<os>-<cpu>[-musl]`. */
    readonly package: string;
  };
  readonly smoke: {
    readonly scenario: string;
    /** C sources of the smoke client. */
    readonly cSources: readonly string[];
    readonly nodeProgram: string;
    /** Cargo package and binary of the peer that smoke runs talk to, started as `<binary> serve --listen <uri>`. */
    readonly peer: { readonly package: string; readonly binary: string; readonly uri: string };
  };
}
