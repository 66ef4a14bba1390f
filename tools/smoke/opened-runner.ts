// Holds a runner open for the length of one run: Wine needs its prefix before and its server ended afterwards.
import type { CCompiler } from "./c-compiler.ts";
import type { RunRequest } from "./run-client.ts";
import type { Runner } from "./runner.ts";
import type { SmokeBench } from "./smoke-bench.ts";
import { openWine } from "./wine.ts";

type Opened = Pick<RunRequest, "runner" | "wine" | "process" | "logFile" | "signal">;

export async function withRunner<Result>(
  bench: SmokeBench,
  chosen: Runner,
  compiler: CCompiler | undefined,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const { process, cacheDirectory, signal, timeLimitMs } = bench.request;
  const runner = timeLimitMs === undefined ? chosen : { ...chosen, timeLimitMs };
  const opened = { runner, process, logFile: bench.logFile, ...(signal && { signal }) };
  if (runner.system === "posix") return use(opened);
  const program = runner.prefix[0] ?? runner.name;
  const wine = await openWine({
    program,
    cacheDirectory,
    process,
    ...(compiler && { compiler }),
    ...(signal && { signal }),
  });
  try {
    return await use({ ...opened, wine });
  } finally {
    await wine.stop();
  }
}
