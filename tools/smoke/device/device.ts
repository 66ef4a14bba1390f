// What a simulator or a device is to a smoke run: a place that a compiled client is brought to and started on.
import type { Runner } from "../runner.ts";
import type { Surroundings } from "../verification.ts";

export interface Device {
  deploy(client: ClientFiles): Promise<Deployed>;
}

/** Paths on this machine. */
export interface ClientFiles {
  readonly program: string;
  /** What the program loads; the archive where it was linked statically. */
  readonly library: string;
  readonly scenario: string;
  readonly endpoint: string;
}

/** How the client is started, and how what it says is to be read. */
export interface Deployed {
  readonly runner: Runner;
  readonly argv: readonly string[];
  readonly surroundings: Surroundings;
  readonly hostPath?: (path: string) => string;
}

/** Emulators start slowly, and the first program on a fresh one slower still. */
export const deviceLimitMs = 600_000;
