// Runs one smoke client to its end and turns what the finished child said into a record.
import { appendFile, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "../shared/digest.ts";
import { withPlaceNames, type PlaceName } from "../shared/place-names.ts";
import type { Exit, Process } from "../shared/process.ts";
import type { Runner } from "./runner.ts";
import { parseSummary, tailOf, type Summary } from "./summary.ts";
import type { Client, SmokeRun, Surroundings } from "./verification.ts";
import { readWineOutput, type Wine } from "./wine.ts";

export interface RunRequest {
  readonly client: Client;
  readonly runner: Runner;
  /** Set when the runner is Wine. */
  readonly wine?: Wine;
  readonly process: Process;
  /** The program and its arguments, without the runner. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The packaged library that has to be the loaded one. */
  readonly library: string;
  readonly logFile: string;
  /** What stands for this machine's folders in the log. */
  readonly places: readonly PlaceName[];
  readonly surroundings: Surroundings;
  /** Path on this machine of a path on the device that the client ran on. */
  readonly hostPath?: (path: string) => string;
  readonly signal?: AbortSignal;
}

export async function runClient(request: RunRequest): Promise<SmokeRun> {
  const argv = [...request.runner.prefix, ...request.argv];
  const finished = await runToEnd(request, argv);
  const log = `$ ${argv.join(" ")}\n${finished.stdout}${finished.stderr}\n`;
  await appendFile(request.logFile, withPlaceNames(log, request.places));
  const summary = parseSummary(finished.stdout);
  const library = await loadedLibrary(request, summary);
  const problem = await problemOf(request, finished, summary, library);
  return {
    client: request.client,
    claim: request.runner.claim,
    ...request.surroundings,
    ok: problem === undefined,
    argv,
    exitCode: finished.code,
    timedOut: finished.timedOut,
    durationMs: finished.durationMs,
    library,
    passed: summary?.passed ?? 0,
    failed: summary?.failed ?? 0,
    ...(problem === undefined
      ? {}
      : { tail: `${problem}\n${tailOf(finished.stdout, finished.stderr)}`.trim() }),
  };
}

type Finished = Pick<Exit, "code" | "timedOut" | "durationMs" | "stdout" | "stderr" | "signal">;

async function runToEnd(request: RunRequest, argv: readonly string[]): Promise<Finished> {
  const options = request.signal === undefined ? {} : { signal: request.signal };
  const [program = "", ...args] = argv;
  const common = {
    cwd: request.cwd,
    timeoutMs: request.runner.timeLimitMs,
    env: { ...request.wine?.env, ...request.env },
  };
  if (request.runner.system === "posix") return request.process.run({ program, args, ...common }, options);
  return runIntoFiles(request, argv, common, options);
}

/** Programs under Wine 8 get pipes as something they cannot write to, so a shell connects files. */
async function runIntoFiles(
  request: RunRequest,
  argv: readonly string[],
  common: {
    readonly cwd: string;
    readonly timeoutMs: number;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
  options: { readonly signal?: AbortSignal },
): Promise<Finished> {
  const [stdout, stderr] = ["stdout", "stderr"].map((name) => join(request.cwd, `${request.client}.${name}`));
  const script = 'exec "$@" >"$SMOKE_STDOUT" 2>"$SMOKE_STDERR" </dev/null';
  const env = { ...common.env, SMOKE_STDOUT: stdout, SMOKE_STDERR: stderr };
  const args = ["-c", script, "sh", ...argv];
  const exit = await request.process.run({ program: "sh", args, ...common, env }, options);
  return { ...exit, stdout: await readWineOutput(stdout ?? ""), stderr: await readWineOutput(stderr ?? "") };
}

async function loadedLibrary(
  request: RunRequest,
  summary: Summary | undefined,
): Promise<SmokeRun["library"]> {
  if (summary === undefined) return null;
  // A static client has no file to name: what it loaded is the archive it was linked with.
  const isStatic = request.client === "c-static" && summary.library === "static";
  const path = isStatic ? request.library : hostPath(request, summary.library);
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? null : { path, sha256: sha256Of(bytes) };
}

function hostPath(request: RunRequest, reported: string): string {
  return request.wine?.hostPath(reported) ?? request.hostPath?.(reported) ?? reported;
}

async function problemOf(
  request: RunRequest,
  finished: Finished,
  summary: Summary | undefined,
  library: SmokeRun["library"],
): Promise<string | undefined> {
  if (finished.timedOut)
    return `not finished after ${request.runner.timeLimitMs / 1000} s under ${request.runner.name}`;
  if (summary === undefined) return `ended with ${finished.code ?? finished.signal} before its summary`;
  if (finished.code !== 0)
    return `ended with ${finished.code ?? finished.signal}, ${summary.failed} steps failed`;
  if (summary.failed !== 0 || summary.passed === 0)
    return `${summary.passed} steps passed, ${summary.failed} failed`;
  if (library === null) return `reported to have loaded ${summary.library}, which cannot be read`;
  const [loaded, packaged] = await Promise.all([library.path, request.library].map((path) => realpath(path)));
  return loaded === packaged
    ? undefined
    : `loaded ${library.path} instead of the packaged ${request.library}`;
}
