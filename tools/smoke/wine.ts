// A Wine prefix of our own: made once, kept in the cache folder, ended after every use.
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import { compilerCommand, type CCompiler } from "./c-compiler.ts";

export interface Wine {
  /** For every program of the prefix. */
  readonly env: Readonly<Record<string, string>>;
  /** Path on this machine of a path that a Windows program names. */
  hostPath(windowsPath: string): string;
  /** Ends the server and everything that runs in the prefix. */
  stop(): Promise<void>;
}

export interface WineRequest {
  /** The loader, e.g. /usr/lib/wine/wine64. */
  readonly program: string;
  readonly cacheDirectory: string;
  readonly process: Process;
  /** Compiles the stand-in for a system library that old Wine lacks. */
  readonly compiler?: CCompiler;
  readonly signal?: AbortSignal;
}

const bootLimitMs = 180_000;

export async function openWine(request: WineRequest): Promise<Wine> {
  const prefix = join(request.cacheDirectory, "wine-prefix");
  await mkdir(request.cacheDirectory, { recursive: true });
  if (!existsSync(join(prefix, "ready"))) await createPrefix(request, prefix);
  const env = environment(prefix);
  return {
    env,
    hostPath: (path) => hostPathIn(prefix, path),
    stop: () => stopServer(request, env),
  };
}

function environment(prefix: string): Record<string, string> {
  return {
    WINEPREFIX: prefix,
    // Without these Wine offers to download .NET and a browser in a window that nobody sees.
    WINEDLLOVERRIDES: "mscoree=;mshtml=",
    WINEDEBUG: "-all",
    // Paths outside ASCII need a locale that can say them.
    LC_ALL: "C.UTF-8",
    DISPLAY: "",
  };
}

/** Made under another name, so that an interrupted start is not taken for a prefix. */
async function createPrefix(request: WineRequest, prefix: string): Promise<void> {
  const unfinished = `${prefix}.${process.pid}.unfinished`;
  const env = environment(unfinished);
  try {
    await runWine(request, ["wineboot", "--init"], env);
    await runWine(request, ["winecfg", "-v", "win10"], env);
    await stopServer(request, env);
    await addMissingLibrary(request, unfinished);
    await writeFile(join(unfinished, "ready"), "");
    await rm(prefix, { recursive: true, force: true });
    await rename(unfinished, prefix);
  } finally {
    await stopServer(request, env);
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runWine(
  request: WineRequest,
  args: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  const options = request.signal === undefined ? {} : { signal: request.signal };
  const command = { program: request.program, args, env, timeoutMs: bootLimitMs };
  const exit = await request.process.run(command, options);
  if (exit.code !== 0) throw brokenWine(args, exit.timedOut ? "took too long" : exit.stderr.trim());
}

/**
 * Rust's standard library imports ProcessPrng from bcryptprimitives.dll (Windows 8 and later). Wine has it from version 9;
 * for Wine 8 a stand-in over advapi32 goes into the prefix. It is part of the test, never of a package.
 */
async function addMissingLibrary(request: WineRequest, prefix: string): Promise<void> {
  const system = join(prefix, "drive_c/windows/system32");
  const output = join(system, "bcryptprimitives.dll");
  if (existsSync(output)) return;
  if (request.compiler === undefined) throw brokenWine(["bcryptprimitives.dll"], "no C compiler for Windows");
  const sources = ["bcryptprimitives.c", "bcryptprimitives.def"].map((name) =>
    join(import.meta.dirname, "wine", name),
  );
  const args = ["-shared", "-O1", ...sources, "-o", output, "-ladvapi32"];
  const exit = await request.process.run(compilerCommand(request.compiler, args));
  if (exit.code !== 0) throw brokenWine(["bcryptprimitives.dll"], exit.stderr.trim());
}

/** `wineserver` is beside the loader or on PATH. */
async function stopServer(request: WineRequest, env: Readonly<Record<string, string>>): Promise<void> {
  const names = ["wineserver64", "wineserver"].map((name) => join(dirname(request.program), name));
  const program = names.find((name) => existsSync(name)) ?? "wineserver";
  // --kill makes the server end its programs and then itself; without a server it fails, and nothing is left to end.
  await request.process.run({ program, args: ["-k"], env, timeoutMs: 20_000 });
  await request.process.run({ program, args: ["-w"], env, timeoutMs: 20_000 });
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

function brokenWine(args: readonly string[], problem: string): ToolError {
  return new ToolError({
    code: "wine-failed",
    family: "environment",
    message: `Wine: ${args.join(" ")} failed: ${problem}`,
    remedy:
      "apt-get install -y --no-install-recommends wine64 wine, or remove the wine-prefix in the cache folder",
  });
}
