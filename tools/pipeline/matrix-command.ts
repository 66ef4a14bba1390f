// The command behind tools/build-matrix.ts: options in, plan and progress out, exit code back.
import { relative, resolve } from "node:path";
import { foldersOf } from "../matrix/folders.ts";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { selectTargets } from "../matrix/select.ts";
import { targets as table } from "../matrix/targets.ts";
import { groupedProgress } from "../progress/github-actions.ts";
import { jsonProgress } from "../progress/json-lines.ts";
import { lineProgress } from "../progress/lines.ts";
import { treeProgress } from "../progress/tree.ts";
import { exitCodes, type ExitCode } from "../shared/errors.ts";
import type { Command, Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";
import type { Project } from "../shared/project.ts";
import { detectHost } from "../toolchain/detect.ts";
import { installPinnedRust, pinnedChannel } from "../toolchain/pinned-rust.ts";
import { planMatrix, renderPlan, type MatrixPlan } from "./matrix-plan.ts";
import { makeOutputFolder } from "./output-folder.ts";
import { parseOptions, type MatrixOptions } from "./options.ts";
import { provisionSystem } from "./provision.ts";
import { realStages } from "./real-stages.ts";
import { dryPlans, runMatrix, type MatrixContext, type MatrixOutcome } from "./run-matrix.ts";
import { tellGithub } from "./github-summary.ts";
import { renderProblems, renderTable, summarize } from "./summary.ts";

export interface CommandContext {
  /** The project of `--project`, or the checkout's own. */
  loadProject(file: string | undefined): Promise<Project>;
  readonly process: Process;
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: { readonly isTTY: boolean; readonly columns: number; write(text: string): void };
}

export async function matrixCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const parsed = parseOptions(args);
  const print = (text: string): void => context.stdout.write(`${text}\n`);
  if (parsed.kind === "help") {
    context.stdout.write(parsed.text);
    return exitCodes.ok;
  }
  const { options } = parsed;
  const selected = selectTargets(options.selection, table, hostTriple(thisHost()));
  const isGithub = context.environment["GITHUB_ACTIONS"] === "true" && !options.json;
  const output = openProgress(options, context, isGithub, print);
  try {
    const project = await context.loadProject(options.project);
    const matrix = await matrixContext(options, { ...context, project }, output.progress);
    const plan = planMatrix(selected, matrix.facts, project);
    showPlan(plan, options, output.progress, print);
    if (options.dryRun) return await showDryRun(plan, matrix, print);
    const outcome = await runMatrix(plan, matrix);
    output.close();
    showOutcome(outcome, matrix, print);
    if (isGithub) await tellGithub({ run: outcome.run, root: project.root }, context.environment, print);
    return outcome.exitCode;
  } finally {
    output.close();
  }
}

async function matrixContext(
  options: MatrixOptions,
  { project, process, signal }: Pick<CommandContext, "process" | "signal"> & { readonly project: Project },
  progress: ProgressSink,
): Promise<MatrixContext> {
  const artifacts = options.output === undefined ? undefined : resolve(options.output);
  if (artifacts !== undefined && !options.dryRun) await makeOutputFolder(artifacts);
  const folders = foldersOf(project, globalThis.process.env, artifacts);
  if (options.provision === "system" && !options.dryRun) {
    const isRoot = globalThis.process.getuid?.() === 0;
    const rust = (await pinnedChannel(project.root)) ?? "stable";
    await provisionSystem(process, progress, { isRoot, rust, signal });
  }
  if (!options.dryRun && !options.offline)
    await installPinnedRust(project.root, { process, progress, signal });
  const facts = await detectHost(folders, process, options);
  const stages = realStages({
    ...{ project, folders, table, process, progress, offline: options.offline, signal, reuse: true },
    jobs: options.jobs,
  });
  return { project, folders, facts, options, process, progress, stages, signal };
}

function openProgress(
  options: MatrixOptions,
  { stdout }: CommandContext,
  isGithub: boolean,
  print: (text: string) => void,
): { readonly progress: ProgressSink; close(): void } {
  if (options.json) return { progress: jsonProgress(print), close: () => undefined };
  if (isGithub) return { progress: groupedProgress(lineProgress(print), print), close: () => undefined };
  if (!stdout.isTTY) return { progress: lineProgress(print), close: () => undefined };
  const tree = treeProgress(stdout);
  return { progress: tree, close: () => tree.close() };
}

function showPlan(
  plan: MatrixPlan,
  options: MatrixOptions,
  progress: ProgressSink,
  print: (text: string) => void,
): void {
  if (!options.json) {
    print(renderPlan(plan));
    return;
  }
  for (const row of plan.rows) {
    const { target, text, toolchain } = row;
    const remedy = toolchain === undefined ? { remedy: row.remedy } : {};
    progress.emit({ type: "plan", triple: target.triple, planned: toolchain !== undefined, text, ...remedy });
  }
}

async function showDryRun(
  plan: MatrixPlan,
  context: MatrixContext,
  print: (text: string) => void,
): Promise<ExitCode> {
  const plans = await dryPlans(plan, context);
  if (context.options.json) {
    for (const build of plans) print(JSON.stringify({ type: "build-plan", ...build }));
    const targets = plan.rows.map(({ target, toolchain, text }) =>
      summarize({
        ...{ target, planned: toolchain !== undefined, reason: text, seconds: 0 },
        ...{ steps: [], findings: [], packages: [] },
      }),
    );
    print(JSON.stringify({ type: "summary", targets }));
    return exitOfDryRun(plan);
  }
  for (const build of plans) {
    print(`\n${build.triple}`);
    for (const command of [build.cargo, ...build.addon]) print(renderCommand(command));
    for (const { kind, from } of build.outputs)
      print(`  ${kind.padEnd(8)} ${relative(context.project.root, from)}`);
  }
  return exitOfDryRun(plan);
}

function exitOfDryRun({ rows, askedFor }: MatrixPlan): ExitCode {
  const isMissing = rows.some(({ toolchain }) => toolchain === undefined);
  return askedFor && isMissing ? exitCodes.environment : exitCodes.ok;
}

function renderCommand({ program, args, env }: Command): string {
  const variables = Object.entries(env ?? {}).map(([name, value]) =>
    value === undefined ? `-u ${name}` : `${name}=${shellWord(value)}`,
  );
  return [
    `  env \\`,
    ...variables.map((variable) => `    ${variable} \\`),
    `    ${[program, ...args].map(shellWord).join(" ")}`,
  ].join("\n");
}

/** As a POSIX shell wants it; the separators of cargo's flag list are shown, not printed. */
function shellWord(word: string): string {
  if (word.includes("\x1f")) return `$'${word.replaceAll("\x1f", "\\x1f")}'`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function showOutcome(
  { run, reportPage }: MatrixOutcome,
  { project, options }: MatrixContext,
  print: (text: string) => void,
): void {
  if (options.json) {
    print(JSON.stringify({ type: "summary", targets: run.targets.map(summarize) }));
    return;
  }
  const problems = renderProblems(run);
  if (problems !== "") print(`\n${problems}`);
  print(`\n${renderTable(run)}\n\nreport: ${relative(project.root, reportPage)}`);
}
