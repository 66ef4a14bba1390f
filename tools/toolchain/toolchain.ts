// What a toolchain provider answers for one target: a plan with everything it takes, or the reason why not.
import type { Target } from "../matrix/target.ts";
import type { GeneratedFolder } from "./generated-folder.ts";
import type { ToolLauncher } from "./launcher.ts";
import type { AndroidNdk, AppleSdk, MicrosoftSdk } from "./sdk.ts";

/**
 * Over what the libraries were linked: a platform's own SDK, the C library that zig carries, generated stubs, or what
 * the host has; "none" where nothing outside the crate takes part.
 */
export type Sysroot = "sdk" | "zig" | "stub" | "host" | "none";

/** How the program that links spells its arguments. */
export type LinkDialect = "gnu-cc" | "gnu-ld" | "darwin-cc" | "darwin-ld" | "msvc" | "wasm-ld";

/** Ways to get a Rust standard library, in the order in which they are tried. */
export type StdProvider = "installed" | "rustup" | "build-std" | "distribution";

/** What the user wants of them: the first that works, or one alone. */
export type StdChoice = "auto" | "installed" | "rustup" | "build";

export interface ToolchainPlan {
  readonly kind: "supported";
  /** Narrower than the row of the table where this way cannot yield everything; `limit` then says why. */
  readonly target: Target;
  readonly limit?: string;
  /** The plans of the targets that this one is made of; nothing else of the plan is then used. */
  readonly slices?: readonly ToolchainPlan[];
  /** Names with versions, for the plan, the report and the manifest. */
  readonly linker: string;
  readonly cCompiler: string;
  readonly sysroot: Sysroot;
  readonly dialect: LinkDialect;
  readonly std: readonly StdProvider[];
  readonly usesZig: boolean;
  /** Folders to be generated before the first link: stub SDK, stub libraries. */
  readonly generated: readonly GeneratedFolder[];
  /** Programs that cargo and the addon's build call; each becomes a small script. Absent: rustc's own choice. */
  readonly compiler?: ToolLauncher;
  readonly archiver?: ToolLauncher;
  /** Absent where the compiler driver links. */
  readonly lld?: ToolLauncher;
  /** Links what runs on the host while the target is built; absent: the machine's own C compiler does. */
  readonly buildScripts?: ToolLauncher;
  /** Where Rust's std, once it is there, has a static C library with its start files; a std that is built has none. */
  readonly staticLibc?: string;
  /** Makes import libraries from .def files: program and first arguments. */
  readonly dlltool?: readonly string[];
  readonly rustFlags: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Unsupported {
  readonly kind: "unsupported";
  readonly target: Target;
  readonly reason: string;
  /** The one line that would change it. */
  readonly remedy: string;
}

/** Answers for the families it knows; undefined hands the question to the next provider. */
export type ToolchainProvider = (target: Target, facts: HostFacts) => ToolchainPlan | Unsupported | undefined;

/** What was found on the machine; gathered once, then every plan is a function of it. */
export interface HostFacts {
  readonly triple: string;
  readonly platform: NodeJS.Platform;
  readonly offline: boolean;
  /** Where the Rust std may come from. */
  readonly std: StdChoice;
  /** Whether build scripts, which run here, can be linked by the machine's own C compiler. */
  readonly hasCc: boolean;
  readonly cache: string;
  readonly rust: RustFacts | undefined;
  /** The distribution's own compiler, where it is another than that and may have sources of its std. */
  readonly distribution: DistributionRust | undefined;
  readonly zig: ZigFacts;
  readonly androidNdk: AndroidNdk | undefined;
  readonly appleSdk: AppleSdk | undefined;
  readonly microsoftSdk: MicrosoftSdk | undefined;
}

export interface RustFacts {
  /** First line of rustc --version. */
  readonly version: string;
  readonly host: string;
  readonly sysroot: string;
  readonly commit: string;
  readonly hasRustup: boolean;
  readonly hasSource: boolean;
  readonly installedTargets: readonly string[];
  /** Targets that rustup has a name for; whether its server has the file is seen on the day. */
  readonly rustupTargets: readonly string[];
}

export interface DistributionRust {
  /** Path of its rustc. */
  readonly program: string;
  readonly version: string;
  readonly commit: string;
  readonly sysroot: string;
  /** Whether sources of the std, of the same version, are installed beside it. */
  readonly hasSource: boolean;
}

export interface ZigFacts {
  readonly version: string;
  /** Folder of the unpacked wheel; exists only in state "cached". */
  readonly directory: string;
  readonly state:
    | { readonly kind: "cached" }
    /** `pip` is the command that runs the user's own pip. */
    | { readonly kind: "fetchable"; readonly python: string }
    | { readonly kind: "absent"; readonly reason: string; readonly remedy: string };
}
