// --provision system: what only root can add; names the packages, then installs them with apt-get.
import { runnerPackages } from "../smoke/requirements.ts";
import { ToolError } from "../shared/errors.ts";
import type { Command, Exit, Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";

/** Everything that smoke runs can use, and pip, which fetches zig. */
export const systemPackages: readonly string[] = [
  ...new Set(["python3-pip", ...Object.values(runnerPackages).flat()]),
];

/** The distribution's compiler with the sources of its std: a second way to the std where rustup has no road to it. */
const rustPackages = [
  ["rustc", "rust-src"],
  ["rustc-web", "rust-web-src"],
] as const;

export interface ProvisionContext {
  readonly isRoot: boolean;
  /** The Rust that the project pins, e.g. "1.95.0" or "stable". */
  readonly rust: string;
  readonly signal: AbortSignal;
}

export async function provisionSystem(
  process: Process,
  progress: ProgressSink,
  { isRoot, rust, signal }: ProvisionContext,
): Promise<void> {
  const note = (text: string): void => progress.emit({ type: "note", text: `provision: ${text}` });
  const missing = await missingPackages(systemPackages, process);
  const hasRust = (await Promise.all(rustPackages.map((pair) => missingPackages(pair, process)))).some(
    (lacks) => lacks.length === 0,
  );
  if (missing.length === 0 && hasRust) {
    note("all system packages are there");
    return;
  }
  if (!isRoot) throw needsRoot(missing, hasRust);
  const words = [...missing, ...(hasRust ? [] : [`a Rust of ${rust} or newer with the sources of its std`])];
  note(`apt-get will install, as root: ${words.join(", ")}`);
  await apt(["update", "-qq"], process, signal);
  const pair = hasRust ? undefined : await newEnough(rust, process);
  if (!hasRust && pair === undefined) note(`the distribution has no Rust of ${rust} or newer`);
  const packages = [...missing, ...(pair ?? [])];
  if (packages.length > 0) await apt(["install", ...quietly, ...packages], process, signal);
}

const edition2024 = "1.85.0";
const quietly = ["-y", "-qq", "--no-install-recommends"];

async function apt(args: readonly string[], process: Process, signal: AbortSignal): Promise<void> {
  const command: Command = { program: "apt-get", args, env: { DEBIAN_FRONTEND: "noninteractive" } };
  const exit = await process.run(command, { signal });
  if (exit.code !== 0) throw notInstalled(command, exit);
}

async function missingPackages(names: readonly string[], process: Process): Promise<string[]> {
  const found = await Promise.all(names.map((name) => isInstalled(name, process)));
  return names.filter((_, index) => found[index] === false);
}

async function isInstalled(name: string, process: Process): Promise<boolean> {
  const query: Command = { program: "dpkg-query", args: ["-W", "-f=${Status}", name] };
  const exit = await process.run(query).catch(() => undefined);
  if (exit === undefined) throw noDebian();
  return exit.code === 0 && exit.stdout.includes("ok installed");
}

/** The first pair that is not older than `rust`; a channel by name, such as "stable", asks for the first of edition 2024. */
async function newEnough(rust: string, process: Process): Promise<readonly string[] | undefined> {
  for (const pair of rustPackages) {
    const { stdout } = await process.run({ program: "apt-cache", args: ["policy", ...pair] });
    const versions = [...stdout.matchAll(/^\s*Candidate: (\d+\.\d+\.\d+)/gm)].map((match) => match[1] ?? "");
    const least = /^\d/.test(rust) ? rust : edition2024;
    const isNew = (version: string): boolean => version.localeCompare(least, "en", { numeric: true }) >= 0;
    if (versions.length === pair.length && versions.every(isNew)) return pair;
  }
  return undefined;
}

function needsRoot(missing: readonly string[], hasRust: boolean): ToolError {
  const what = [...missing, ...(hasRust ? [] : ["the distribution's Rust with its sources"])].join(", ");
  return new ToolError({
    code: "provision-needs-root",
    family: "environment",
    message: `--provision system installs system packages, which only root may; missing: ${what}`,
    remedy:
      "run it once as root, or leave it out: what smoke lacks is then fetched into the cache where it can be",
  });
}

function noDebian(): ToolError {
  return new ToolError({
    code: "provision-unsupported",
    family: "environment",
    message: "--provision system knows apt-get and dpkg alone, and dpkg-query is not here",
    remedy: "leave it out: npm run doctor:host names what is missing, with a line for this system",
  });
}

function notInstalled({ program, args }: Command, { stderr }: Exit): ToolError {
  const line = [program, ...args].join(" ");
  return new ToolError({
    code: "provision-failed",
    family: "environment",
    message: `${line} failed:\n${stderr.trim().split("\n").slice(-5).join("\n")}`,
    remedy: `as root: ${line}`,
  });
}
