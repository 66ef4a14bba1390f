// The clients in C: compiled against the unpacked package with both library kinds, and run wherever something runs them.
import { dirname } from "node:path";
import type { CCompiler } from "./c-compiler.ts";
import { compileClient, type CompiledClient } from "./compile-client.ts";
import { linkEveryFunction, type StubLinker } from "./link-functions.ts";
import { withRunner } from "./opened-runner.ts";
import { chooseRunner, type Linkage } from "./runner.ts";
import { runClient } from "./run-client.ts";
import type { ClientResults, SmokeBench } from "./smoke-bench.ts";

export async function cClients(bench: SmokeBench): Promise<ClientResults> {
  const { cCompiler, stubLinker, target } = bench.request;
  const results: ClientResults[] = [];
  for (const linkage of target.libraries)
    if (cCompiler !== undefined) results.push(await cClient(bench, linkage, cCompiler));
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
  return { runs: [], links: [link], skipped: [] };
}

/** Only what would run here is missed. */
function noCompiler(bench: SmokeBench, linkage: Linkage): ClientResults {
  const isMissed = chooseRunner(bench.request.target, linkage, bench.host).kind !== "impossible";
  const skipped = {
    client: `c-${linkage}`,
    reason: "no C compiler for the target",
    remedy: "pip install ziglang==0.15.2",
  } as const;
  return { runs: [], links: [], skipped: isMissed ? [skipped] : [] };
}

async function cClient(bench: SmokeBench, linkage: Linkage, compiler: CCompiler): Promise<ClientResults> {
  const { project, target, process, nativeStaticLibraries, signal, onLine } = bench.request;
  onLine?.(`c-${linkage}: compile against the unpacked package`);
  const client = await compileClient({
    project,
    target,
    process,
    compiler,
    linkage,
    packageDirectory: bench.packageDirectory,
    nativeStaticLibraries,
    outputDirectory: bench.workDirectory,
    ...(signal && { signal }),
  });
  if (!client.link.ok) return { runs: [], links: [client.link], skipped: [] };
  return runCompiled(bench, linkage, client, compiler);
}

async function runCompiled(
  bench: SmokeBench,
  linkage: Linkage,
  client: CompiledClient,
  compiler: CCompiler,
): Promise<ClientResults> {
  const links = [client.link];
  const choice = chooseRunner(bench.request.target, linkage, bench.host);
  if (choice.kind === "impossible") return { runs: [], links, skipped: [] };
  if (choice.kind === "missing") {
    const { reason, remedy } = choice;
    return { runs: [], links, skipped: [{ client: `c-${linkage}`, reason, remedy }] };
  }
  const endpoint = await bench.endpoint();
  const run = await withRunner(bench, choice.runner, compiler, (opened) =>
    runClient({
      ...opened,
      client: `c-${linkage}`,
      argv: [client.program, "--scenario", bench.scenario, "--endpoint", endpoint],
      cwd: bench.workDirectory,
      library: client.library,
      ...libraryPath(bench, linkage, client.library),
    }),
  );
  return { runs: [run], links, skipped: [] };
}

/** Windows looks for DLLs on PATH, which WINEPATH extends; elsewhere the program carries the folder. */
function libraryPath(bench: SmokeBench, linkage: Linkage, library: string): { env?: Record<string, string> } {
  if (bench.request.target.format !== "pe" || linkage === "static") return {};
  return { env: { WINEPATH: `Z:${dirname(library).replaceAll("/", "\\")}` } };
}

export function merge(results: readonly ClientResults[]): ClientResults {
  return {
    runs: results.flatMap((result) => result.runs),
    links: results.flatMap((result) => result.links),
    skipped: results.flatMap((result) => result.skipped),
  };
}
