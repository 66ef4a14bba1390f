// Wine as a run sees it: a prefix of its own from start to stop, and what Windows programs call files and print.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  freshPrefix,
  stopServer,
  wineEnvironment,
  wineVersion,
  type WineEnvironment,
  type WineRequest,
} from "./wine-prefix.ts";

export interface Wine {
  /** For every program of the prefix. */
  readonly env: WineEnvironment;
  readonly version: string;
  /** Path on this machine of a path that a Windows program names. */
  hostPath(windowsPath: string): string;
  /** Ends the server and everything that runs in the prefix, and removes it. */
  stop(): Promise<void>;
}

export async function openWine(request: WineRequest): Promise<Wine> {
  const prefix = await freshPrefix(request);
  const env = wineEnvironment(prefix);
  return {
    env,
    version: await wineVersion(request),
    hostPath: (path) => hostPathIn(prefix, path),
    stop: async () => {
      await stopServer(request, env);
      await rm(prefix, { recursive: true, force: true });
    },
  };
}

/** Z: is the root of this machine; other drives are links in the prefix. */
export function hostPathIn(prefix: string, windowsPath: string): string {
  const match = /^(?:\\\\\?\\)?([A-Za-z]):(.*)$/.exec(windowsPath);
  if (match === null) return windowsPath;
  const rest = (match[2] ?? "").replaceAll("\\", "/");
  const drive = (match[1] ?? "").toLowerCase();
  return drive === "z" ? rest : join(prefix, "dosdevices", `${drive}:`, rest);
}

/** Windows programs print in the system's code page; UTF-8 first, because it cannot be taken for anything else. */
export async function readWineOutput(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
