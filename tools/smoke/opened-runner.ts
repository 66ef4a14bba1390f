// Holds a runner open for the length of one run: Wine needs its prefix before and its server ended afterwards.
import type { Process } from "../shared/process.ts";
import type { CCompiler } from "./c-compiler.ts";
import { treePackages } from "./debian-tree.ts";
import type { RunRequest } from "./run-client.ts";
import type { LoadedLibraries, Runner } from "./runner.ts";
import type { SmokeBench } from "./smoke-bench.ts";
import type { Surroundings } from "./verification.ts";
import { openWine } from "./wine.ts";

type Opened = Pick<
  RunRequest,
  "runner" | "wine" | "process" | "logFile" | "places" | "signal" | "surroundings"
>;

export async function withRunner<Result>(
  bench: SmokeBench,
  chosen: Runner,
  compiler: CCompiler | undefined,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const { process, cacheDirectory, signal, timeLimitMs } = bench.request;
  const runner = timeLimitMs === undefined ? chosen : { ...chosen, timeLimitMs };
  const { logFile, places } = bench;
  const common = { runner, process, logFile, places, ...(signal && { signal }) };
  if (runner.system === "posix")
    return use({ ...common, surroundings: await posixSurroundings(runner, process) });
  const { windowsFolder } = runner;
  const wine = await openWine({
    program: runner.prefix[0] ?? runner.name,
    cacheDirectory,
    process,
    ...(windowsFolder && { windowsFolder }),
    ...(compiler && { compiler }),
    ...(signal && { signal }),
  });
  try {
    return await use({ ...common, wine, surroundings: { runner: wine.version } });
  } finally {
    await wine.stop();
  }
}

async function posixSurroundings(runner: Runner, process: Process): Promise<Surroundings> {
  const { libraries } = runner;
  return {
    runner: await runnerVersion(runner, process),
    ...(libraries && { libraries: await describe(libraries) }),
  };
}

/** qemu's own words, e.g. "qemu-aarch64 version 7.2.22 (Debian 1:7.2+dfsg-7)". */
async function runnerVersion({ name, claim, prefix }: Runner, process: Process): Promise<string> {
  if (claim === "executed") return name;
  const exit = await process.run({ program: prefix[0] ?? name, args: ["--version"], timeoutMs: 60_000 });
  return exit.stdout.split("\n")[0] ?? name;
}

async function describe({ name, tree }: LoadedLibraries): Promise<string> {
  if (tree === undefined) return name;
  const cLibrary = (await treePackages(tree)).find((file) => /^(libc6|musl)/.test(file));
  return cLibrary === undefined ? name : `${name}: ${cLibrary}`;
}
