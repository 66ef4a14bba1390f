// Wine prefixes: one template made once and kept in the cache, and for each use a copy of its own that is removed afterwards.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import { compilerCommand, type CCompiler } from "./c-compiler.ts";
import { sweepLeftovers } from "../shared/leftovers.ts";

export interface WineRequest {
  /** The loader, e.g. /usr/lib/wine/wine64. */
  readonly program: string;
  /** What goes into a prefix's windows folder before Wine starts in it, where Wine's own files are not whole. */
  readonly windowsFolder?: string;
  readonly cacheDirectory: string;
  readonly process: Process;
  /** Compiles the stand-in for a system library that old Wine lacks. */
  readonly compiler?: CCompiler;
  readonly signal?: AbortSignal;
}

const bootLimitMs = 180_000;
const copyLimitMs = 120_000;

/** Of every program that belongs to a prefix; undefined takes a variable away. */
export type WineEnvironment = Readonly<Record<string, string | undefined>>;

export function wineEnvironment(prefix: string): WineEnvironment {
  return {
    WINEPREFIX: prefix,
    // Without these Wine offers to download .NET and a browser in a window that nobody sees.
    WINEDLLOVERRIDES: "mscoree=;mshtml=",
    WINEDEBUG: "-all",
    // Paths outside ASCII need a locale that can say them.
    LC_ALL: "C.UTF-8",
    DISPLAY: "",
    // Debian's Wine 10 frees what getenv gave it, and ends at once where this is set.
    TMPDIR: undefined,
  };
}

let copies = 0;

/**
 * A prefix that nobody else uses: a server belongs to a prefix, so ending one run's server would end the programs of every
 * other run in it. Returns its folder, which the caller removes.
 */
export async function freshPrefix(request: WineRequest): Promise<string> {
  await mkdir(request.cacheDirectory, { recursive: true });
  await sweepLeftovers(request.cacheDirectory, /^wine-(?:run|template\.unfinished)\.(\d+)\./);
  const template = await preparedTemplate(request);
  copies += 1;
  const prefix = join(request.cacheDirectory, `wine-run.${process.pid}.${copies}`);
  try {
    await copyPrefix(request, template, prefix);
  } catch (error) {
    await rm(prefix, { recursive: true, force: true });
    throw error;
  }
  return prefix;
}

/** The system's files, 600 MB that programs only read, are linked instead of copied; registry and profiles are copied. */
async function copyPrefix(request: WineRequest, template: string, prefix: string): Promise<void> {
  const drive = join(prefix, "drive_c");
  await mkdir(drive, { recursive: true });
  const inDrive = (await readdir(join(template, "drive_c"))).filter((name) => name !== "windows");
  const beside = (await readdir(template)).filter((name) => name !== "drive_c");
  await copy(request, ["-a", ...beside.map((name) => join(template, name)), prefix]);
  await copy(request, ["-a", ...inDrive.map((name) => join(template, "drive_c", name)), drive]);
  await copy(request, ["-a", "-l", join(template, "drive_c/windows"), drive]);
}

async function copy({ process, signal }: WineRequest, args: readonly string[]): Promise<void> {
  const command = { program: "cp", args, timeoutMs: copyLimitMs };
  const exit = await process.run(command, signal === undefined ? {} : { signal });
  if (exit.code !== 0)
    throw brokenWine(["cp", ...args], exit.timedOut ? "took too long" : exit.stderr.trim());
}

/** Another version of Wine would rewrite the template's files at its first start, and with them those of every copy. */
async function preparedTemplate(request: WineRequest): Promise<string> {
  const version = await wineVersion(request);
  const template = join(request.cacheDirectory, `wine-template-${version.replaceAll(/[^\w.-]+/g, "_")}`);
  if (!existsSync(template)) await createTemplate(request, template);
  return template;
}

/** As Wine says it, e.g. "wine-8.0 (Debian 8.0~repack-4)". */
export async function wineVersion(request: WineRequest): Promise<string> {
  const command = {
    program: request.program,
    args: ["--version"],
    env: { TMPDIR: undefined },
    timeoutMs: bootLimitMs,
  };
  const version = (await request.process.run(command)).stdout.trim();
  if (!/^wine-\d/.test(version)) throw brokenWine(["--version"], `it said ${JSON.stringify(version)}`);
  return version;
}

/** Made under another name, so that an interrupted start is not taken for a template. */
async function createTemplate(request: WineRequest, template: string): Promise<void> {
  copies += 1;
  const unfinished = join(request.cacheDirectory, `wine-template.unfinished.${process.pid}.${copies}`);
  const env = wineEnvironment(unfinished);
  try {
    await mkdir(unfinished, { recursive: true });
    if (request.windowsFolder !== undefined)
      await cp(request.windowsFolder, join(unfinished, "drive_c/windows"), { recursive: true });
    await runWine(request, ["wineboot", "--init"], env);
    await runWine(request, ["winecfg", "-v", "win10"], env);
    await stopServer(request, env);
    await addMissingLibrary(request, unfinished);
    await writeFile(join(unfinished, ".update-timestamp"), "disable\n");
    await moveUnlessThere(unfinished, template);
  } finally {
    await stopServer(request, env);
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Two runs may make it at the same time; the first one's stays, since copies of it may be under way. */
async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

async function runWine(request: WineRequest, args: readonly string[], env: WineEnvironment): Promise<void> {
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
export async function stopServer(request: WineRequest, env: WineEnvironment): Promise<void> {
  const names = ["wineserver64", "wineserver"].map((name) => join(dirname(request.program), name));
  const program = names.find((name) => existsSync(name)) ?? "wineserver";
  // --kill makes the server end its programs and then itself; without a server it fails, and nothing is left to end.
  await request.process.run({ program, args: ["-k"], env, timeoutMs: 20_000 });
  await request.process.run({ program, args: ["-w"], env, timeoutMs: 20_000 });
}

function brokenWine(args: readonly string[], problem: string): ToolError {
  return new ToolError({
    code: "wine-failed",
    family: "environment",
    message: `Wine: ${args.join(" ")} failed: ${problem}`,
    remedy:
      "apt-get install -y --no-install-recommends wine64 wine, or remove the wine-template folders in the cache folder",
  });
}
