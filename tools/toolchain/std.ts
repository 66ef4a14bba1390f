// Where the Rust standard library of a target comes from: there already, through rustup, or built from its sources.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { ToolError } from "../shared/errors.ts";
import type { Command, Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";
import type { HostFacts, RustFacts, StdChoice, StdProvider, Unsupported } from "./toolchain.ts";

/** The providers worth trying, first to last; or why there is none. */
export function stdProviders(target: Target, facts: HostFacts): StdProvider[] | Unsupported {
  const { rust } = facts;
  if (rust === undefined)
    return unsupported(target, "rustc and cargo are not on PATH", installRustup(facts.platform));
  const possible = possibleProviders(target, facts, rust);
  // What is there is taken as it is; the others are ways to come by it.
  const inOrder: StdProvider[] = possible.includes("installed") ? ["installed"] : possible;
  const providers = facts.std === "auto" ? inOrder : possible.filter(isOf(facts.std));
  return providers.length > 0 ? providers : noProvider(target, facts, rust);
}

/** A shell that is open sees the new programs only after the second half. */
function installRustup(platform: NodeJS.Platform): string {
  if (platform === "win32") return "winget install Rustlang.Rustup";
  return 'curl -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal && . "$HOME/.cargo/env"';
}

function possibleProviders(
  target: Target,
  { offline, distribution }: HostFacts,
  rust: RustFacts,
): StdProvider[] {
  const canAdd = rust.hasRustup && !offline;
  const isPossible: Record<StdProvider, boolean> = {
    installed: rust.installedTargets.includes(target.triple),
    rustup: canAdd && rust.rustupTargets.includes(target.triple),
    "build-std": canAdd || rust.hasSource,
    distribution: distribution?.hasSource === true,
  };
  return (["installed", "rustup", "build-std", "distribution"] as const).filter((way) => isPossible[way]);
}

function isOf(choice: Exclude<StdChoice, "auto">): (provider: StdProvider) => boolean {
  if (choice === "build") return (provider) => provider === "build-std" || provider === "distribution";
  return (provider) => provider === choice;
}

function noProvider(target: Target, facts: HostFacts, rust: RustFacts): Unsupported {
  const { triple } = target;
  const { offline, std } = facts;
  const remedy = rust.hasRustup ? wayWithRustup(triple, std, rust) : installRustup(facts.platform);
  if (std === "build" && offline)
    return unsupported(
      target,
      "the Rust std's sources are not here and --offline forbids fetching them",
      remedy,
    );
  if (std === "rustup" && rust.hasRustup && !offline)
    return unsupported(target, `rustup has no Rust std for ${triple}`, remedy);
  const why = offline ? "--offline forbids fetching it" : whyNotAdded(std, rust);
  return unsupported(target, `the Rust std for ${triple} is not installed and ${why}`, remedy);
}

const addSourcesLine = "rustup component add rust-src";

/** Never a line that rustup is known to refuse. */
function wayWithRustup(triple: string, std: StdChoice, rust: RustFacts): string {
  if (std === "build") return addSourcesLine;
  const isListed = rust.rustupTargets.includes(triple);
  if (std === "auto") return isListed ? stdOrSources(triple) : addSourcesLine;
  return isListed && std === "installed" ? `rustup target add ${triple}` : "--std auto, or --std build";
}

/** rustup's list names targets that a server may not have; the std is then built from its sources. */
export function stdOrSources(triple: string): string {
  return `rustup target add ${triple} || ${addSourcesLine}`;
}

function whyNotAdded(std: StdChoice, rust: RustFacts): string {
  return std === "installed" && rust.hasRustup ? "--std installed adds none" : "there is no rustup to add it";
}

function unsupported(target: Target, reason: string, remedy: string): Unsupported {
  return { kind: "unsupported", target, reason, remedy };
}

interface Context {
  readonly root: string;
  readonly process: Process;
  readonly progress: ProgressSink;
  readonly signal?: AbortSignal;
}

/** Makes the first provider work that can, and says which one it was: a build never mixes them silently. */
export async function provideStd(
  target: Target,
  providers: readonly StdProvider[],
  rust: RustFacts,
  context: Context,
): Promise<StdProvider> {
  const misses: string[] = [];
  for (const provider of providers) {
    const miss = await attempt(provider, target, rust, context);
    if (miss === undefined) return provider;
    misses.push(`${provider}: ${miss}`);
    context.progress.emit({
      type: "note",
      text: `${target.triple}: std by ${provider} is not possible: ${miss}`,
    });
  }
  throw new ToolError({
    code: "std-missing",
    family: "environment",
    message: `no Rust std for ${target.triple} (${misses.join("; ")})`,
    remedy: stdOrSources(target.triple),
  });
}

/** Undefined when the provider is ready, else why it is not. */
async function attempt(
  provider: StdProvider,
  target: Target,
  rust: RustFacts,
  context: Context,
): Promise<string | undefined> {
  if (provider === "installed" || provider === "distribution") return undefined;
  if (provider === "build-std") return rust.hasSource ? undefined : addSources(rust, context);
  const miss = await addWithRustup(
    ["target", "add", target.triple],
    `Rust std for ${target.triple}`,
    30,
    rust,
    context,
  );
  if (miss !== undefined || (await isInstalled(target.triple, rust.sysroot))) return miss;
  // Its list and its folder disagree when files were deleted by hand.
  return `rustup has it in its list but not in its folder; rustup target remove ${target.triple} mends that`;
}

function addSources(rust: RustFacts, context: Context): Promise<string | undefined> {
  return addWithRustup(["component", "add", "rust-src"], "Rust std sources", 5, rust, context);
}

function addWithRustup(
  args: readonly string[],
  what: string,
  megabytes: number,
  rust: RustFacts,
  context: Context,
): Promise<string | undefined> {
  const into = join(rust.sysroot, "lib", "rustlib");
  context.progress.emit({ type: "fetch", what: `${what} (rustup, about ${megabytes} MB)`, into });
  return oneRustupAtATime(() => runRustup(args, context));
}

async function runRustup(
  args: readonly string[],
  { root, process, signal }: Context,
): Promise<string | undefined> {
  const command: Command = { program: "rustup", args, cwd: root, timeoutMs: 900_000 };
  const exit = await process.run(command, signal === undefined ? {} : { signal });
  if (exit.code === 0) return undefined;
  const reason = exit.stderr.split("\n").find((line) => line.startsWith("error"));
  return reason ?? `rustup ended with ${exit.code ?? exit.signal}`;
}

let lastRustup: Promise<unknown> = Promise.resolve();

/** rustup changes one folder and must not run beside itself. */
function oneRustupAtATime<T>(action: () => Promise<T>): Promise<T> {
  const turn = lastRustup.then(action, action);
  lastRustup = turn.catch(() => undefined);
  return turn;
}

/** Targets whose standard library stands in the toolchain's folder. */
export async function installedTargets(sysroot: string): Promise<string[]> {
  const names = await readdir(join(sysroot, "lib", "rustlib")).catch(() => [] as string[]);
  const installed = await Promise.all(names.map((name) => isInstalled(name, sysroot)));
  return names.filter((_, index) => installed[index]);
}

async function isInstalled(triple: string, sysroot: string): Promise<boolean> {
  const names = await readdir(join(sysroot, "lib", "rustlib", triple, "lib")).catch(() => [] as string[]);
  return names.some((name) => /^libstd-.*\.rlib$/.test(name));
}
