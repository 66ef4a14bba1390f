// What this machine can run, as questions, so that the choice of a runner can be tested without other machines.
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface Host {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  exists(path: string): boolean;
  /** Absolute path of a program on PATH. */
  which(program: string): string | undefined;
}

export const thisHost: Host = {
  platform: process.platform,
  arch: process.arch,
  exists: existsSync,
  which: (program) => searchPath(process.env["PATH"] ?? "", program),
};

function searchPath(path: string, program: string): string | undefined {
  return path
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
