// The clients in C: compiled against the unpacked package with both library kinds, and run wherever something runs them.
import { dirname, join } from "node:path";
import type { CCompiler } from "./c-compiler.ts";
import { compileClient, type CompiledClient } from "./compile-client.ts";
import type { Device } from "./device/device.ts";
import { linkEveryFunction, type StubLinker } from "./link-functions.ts";
import { withRunner } from "./opened-runner.ts";
import { resolveRunner } from "./resolve-runner.ts";
import { chooseOldRunner, chooseRunner, type Linkage, type Runner } from "./runner.ts";
import { runClient } from "./run-client.ts";
import { noResults, type ClientResults, type SmokeBench } from "./smoke-bench.ts";
import type { SmokeRun } from "./verification.ts";

export async function cClients(bench: SmokeBench): Promise<ClientResults> {
  const { cCompiler, stubLinker, target } = bench.request;
  const results: ClientResults[] = [];
  for (const linkage of target.libraries)
    if (cCompiler !== undefined)
      results.push(await cClient(bench, linkage, cCompiler), await furtherSlices(bench, linkage));
    else if (stubLinker !== undefined) results.push(await linked(bench, linkage, stubLinker));
    else results.push(noCompiler(bench, linkage));
  return merge(results);
}

async function linked(bench: SmokeBench, linkage: Linkage, tools: StubLinker): Promise<ClientResults> {
  const { project, target, process, nativeStaticLibraries, signal, onLine } = bench.request;
  onLine?.(`c-${linkage}: link every function of the headers against the unpacked package`);
  const link = await linkEveryFunction({
    project,
    target,
    process,
    tools,
    linkage,
    packageDirectory: bench.packageDirectory,
    nativeStaticLibraries,
    outputDirectory: bench.workDirectory,
    ...(signal && { signal }),
  });
  return { ...noResults, links: [link] };
}

/** Only what would run here is missed. */
function noCompiler(bench: SmokeBench, linkage: Linkage): ClientResults {
  const machine = { host: bench.host, tree: () => undefined };
  const isMissed = chooseRunner(bench.request.target, linkage, machine).kind !== "impossible";
  const skipped = {
    client: `c-${linkage}`,
    reason: "no C compiler for the target",
    remedy: "pip install ziglang==0.15.2",
  } as const;
  return { ...noResults, skipped: isMissed ? [skipped] : [] };
}

async function cClient(bench: SmokeBench, linkage: Linkage, compiler: CCompiler): Promise<ClientResults> {
  const client = await compile(bench, linkage, compiler);
  const links = { ...noResults, links: [client.link] };
  if (!client.link.ok) return links;
  const compiled = { linkage, client, compiler };
  return merge([links, await runCompiled(bench, compiled), await runOnOldSystem(bench, compiled)]);
}

/** The same files serve programs for other processors, too. */
async function furtherSlices(bench: SmokeBench, linkage: Linkage): Promise<ClientResults> {
  const links = [];
  for (const { slice, compiler } of bench.request.sliceCompilers ?? [])
    links.push((await compile(bench, linkage, compiler, slice)).link);
  return { ...noResults, links };
}

async function compile(
  bench: SmokeBench,
  linkage: Linkage,
  compiler: CCompiler,
  slice?: string,
): Promise<CompiledClient> {
  const { project, target, process, nativeStaticLibraries, signal, onLine } = bench.request;
  onLine?.(`c-${linkage}${slice === undefined ? "" : ` for ${slice}`}: compile against the unpacked package`);
  return compileClient({
    project,
    target,
    process,
    compiler,
    linkage,
    packageDirectory: bench.packageDirectory,
    nativeStaticLibraries,
    outputDirectory: bench.workDirectory,
    ...(slice === undefined ? {} : { slice }),
    ...(signal && { signal }),
  });
}

interface Compiled {
  readonly linkage: Linkage;
  readonly client: CompiledClient;
  readonly compiler: CCompiler;
}

async function runCompiled(bench: SmokeBench, compiled: Compiled): Promise<ClientResults> {
  const { linkage } = compiled;
  const { device } = bench.request;
  if (device !== undefined) return { ...noResults, runs: [await runOnDevice(bench, compiled, device)] };
  const choice = await resolveRunner(bench, (machine) =>
    chooseRunner(bench.request.target, linkage, machine),
  );
  if (choice.kind === "impossible") return noResults;
  if (choice.kind === "runner") return { ...noResults, runs: [await run(bench, compiled, choice.runner)] };
  const { reason, remedy, transient } = choice;
  return {
    ...noResults,
    skipped: [{ client: `c-${linkage}`, reason, remedy, ...(transient && { transient }) }],
  };
}

/** The same program over an old C library: a proof on top, so that a mirror without it fails nothing. */
async function runOnOldSystem(bench: SmokeBench, compiled: Compiled): Promise<ClientResults> {
  if (compiled.compiler.reachesFloor !== true) return noResults;
  const choice = await resolveRunner(bench, (machine) => chooseOldRunner(bench.request.target, machine));
  if (choice.kind === "impossible") return noResults;
  if (choice.kind === "runner") return { ...noResults, runs: [await run(bench, compiled, choice.runner)] };
  return {
    ...noResults,
    limits: [{ subject: `c-${compiled.linkage} on an old system`, reason: choice.reason }],
  };
}

async function run(
  bench: SmokeBench,
  { linkage, client, compiler }: Compiled,
  runner: Runner,
): Promise<SmokeRun> {
  const endpoint = await bench.endpoint();
  return withRunner(bench, runner, compiler, (opened) =>
    runClient({
      ...opened,
      client: `c-${linkage}`,
      argv: [client.program, "--scenario", bench.scenario, "--endpoint", endpoint],
      cwd: bench.workDirectory,
      library: client.library,
      ...libraryPath(bench, linkage, client.library),
    }),
  );
}

async function runOnDevice(
  bench: SmokeBench,
  { linkage, client }: Compiled,
  device: Device,
): Promise<SmokeRun> {
  const { process, signal } = bench.request;
  const scenario = join(bench.workDirectory, bench.scenario);
  const endpoint = await bench.endpoint();
  const deployed = await device.deploy({
    program: client.program,
    library: client.library,
    scenario,
    endpoint,
  });
  return runClient({
    ...deployed,
    client: `c-${linkage}`,
    process,
    cwd: bench.workDirectory,
    library: client.library,
    logFile: bench.logFile,
    places: bench.places,
    ...(signal && { signal }),
  });
}

/** Windows looks for DLLs on PATH, which Wine takes from WINEPATH; elsewhere the program carries the folder. */
function libraryPath(bench: SmokeBench, linkage: Linkage, library: string): { env?: Record<string, string> } {
  if (bench.request.target.format !== "pe" || linkage === "static") return {};
  if (bench.host.platform === "win32")
    return { env: { PATH: `${dirname(library)};${globalThis.process.env["PATH"] ?? ""}` } };
  return { env: { WINEPATH: `Z:${dirname(library).replaceAll("/", "\\")}` } };
}

export function merge(results: readonly ClientResults[]): ClientResults {
  return {
    runs: results.flatMap((result) => result.runs),
    links: results.flatMap((result) => result.links),
    skipped: results.flatMap((result) => result.skipped),
    limits: results.flatMap((result) => result.limits),
  };
}
