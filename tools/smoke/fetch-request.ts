// What a fetch into the cache needs to know of the run that asks for it.
import type { Process } from "../shared/process.ts";
import type { Host } from "./host.ts";

export interface FetchRequest {
  readonly host: Host;
  readonly cacheDirectory: string;
  readonly offline: boolean;
  readonly process: Process;
  readonly onFetch?: (what: string, bytes: number, into: string) => void;
  readonly signal?: AbortSignal;
}

/** For one command that downloads. */
export const fetchLimitMs = 600_000;
