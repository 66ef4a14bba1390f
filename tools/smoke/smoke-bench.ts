// What a target's smoke run is given, and what its clients share and give back.
import type { PackageFile } from "../package/package.ts";
import type { Target } from "../matrix/target.ts";
import type { PlaceName } from "../shared/place-names.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import type { CCompiler } from "./c-compiler.ts";
import type { Device } from "./device/device.ts";
import type { Host } from "./host.ts";
import type { StubLinker } from "./link-functions.ts";
import type { Limit, LinkTest, SkippedRun, SmokeRun } from "./verification.ts";

export interface SmokeRequest {
  readonly project: Project;
  readonly process: Process;
  readonly target: Target;
  /** artifacts/<triple>: verification.json and logs/ go there. */
  readonly directory: string;
  /** The packages of this target, and the npm root. */
  readonly packages: readonly PackageFile[];
  /** Built by this stage when absent. */
  readonly peerProgram?: string;
  /** Absent where nothing here compiles C for the target. */
  readonly cCompiler?: CCompiler;
  /** The compilers for the further processors whose libraries the same files hold, with the processors' names. */
  readonly sliceCompilers?: readonly { readonly slice: string; readonly compiler: CCompiler }[];
  /** Instead of it where the system's libraries are stubs: links, and makes no programs. */
  readonly stubLinker?: StubLinker;
  readonly nativeStaticLibraries: readonly string[];
  /** For what is fetched or made once: foreign Nodes, the Wine prefix. */
  readonly cacheDirectory: string;
  /** What stands for this machine's folders in verification.json and in the logs. */
  readonly places: readonly PlaceName[];
  readonly offline: boolean;
  readonly host?: Host;
  /** Runs the C clients instead of this machine. */
  readonly device?: Device;
  /** Instead of the runner's own limit. */
  readonly timeLimitMs?: number;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
  readonly onFetch?: (what: string, bytes: number, into: string) => void;
}

/** What the clients share while one target is proven. */
export interface SmokeBench {
  readonly request: SmokeRequest;
  readonly host: Host;
  /** Top folder of the unpacked archive. */
  readonly packageDirectory: string;
  /** A folder whose name has a space and an accent; removed at the end. */
  readonly workDirectory: string;
  readonly logFile: string;
  /** Those of the request, and that of the unpacked files. */
  readonly places: readonly PlaceName[];
  /** Name of the copy of the scenario that lies in every folder a client runs in. */
  readonly scenario: string;
  /** Starts the peer at the first call. */
  endpoint(): Promise<string>;
}

export interface ClientResults {
  readonly runs: readonly SmokeRun[];
  readonly links: readonly LinkTest[];
  readonly skipped: readonly SkippedRun[];
  readonly limits: readonly Limit[];
}

export const noResults: ClientResults = { runs: [], links: [], skipped: [], limits: [] };
