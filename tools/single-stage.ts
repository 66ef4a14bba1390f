// Lets one late stage run alone on what earlier runs built: finds the artifacts and wires the stages.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { project } from "../nnrp.project.ts";
import type { Artifact } from "./build/artifact.ts";
import { foldersOf, type Folders } from "./matrix/folders.ts";
import { targets } from "./matrix/targets.ts";
import { realStages } from "./pipeline/real-stages.ts";
import type { Stages } from "./pipeline/stages.ts";
import { ToolError, type ExitCode } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { nearestNames } from "./shared/nearest.ts";
import { systemProcess } from "./shared/process.ts";
import type { ProgressSink } from "./shared/progress.ts";
import { parseOrHelp } from "./shared/usage-error.ts";
import { detectHost } from "./toolchain/detect.ts";
import { planToolchain } from "./toolchain/plan.ts";
import type { ToolchainPlan } from "./toolchain/toolchain.ts";

export interface StageBench {
  readonly stages: Stages;
  readonly artifacts: readonly Artifact[];
  toolchainOf(artifact: Artifact): ToolchainPlan;
}

/** Parses `[triple...] [--offline]` and runs `action` on the artifacts named, or on all there are. */
export async function runStage(
  name: string,
  description: string,
  action: (bench: StageBench) => Promise<ExitCode>,
): Promise<ExitCode> {
  const program = new Command(`npx tsx tools/${name}.ts`)
    .description(description)
    .argument("[triple...]", "targets whose artifacts/<triple>/artifact.json exists (default: all)")
    .option("--offline", "fetch nothing", false)
    .addHelpText(
      "after",
      "\nExit codes: 0 all is well, 1 something failed, 2 wrong usage or nothing built yet.",
    );
  const helped = parseOrHelp(program, process.argv.slice(2));
  if (helped !== undefined) return helped;
  return action(await openBench(program.args, program.opts<{ offline: boolean }>().offline));
}

async function openBench(names: readonly string[], offline: boolean): Promise<StageBench> {
  const folders = foldersOf(project);
  const artifacts = await readArtifacts(folders, names);
  const facts = await detectHost(folders, systemProcess, { offline });
  const signal = abortOnInterrupt();
  const common = {
    project,
    folders,
    table: targets,
    process: systemProcess,
    progress: printer,
    offline,
    signal,
    reuse: false,
    jobs: undefined,
  };
  return {
    stages: realStages(common),
    artifacts,
    toolchainOf({ target }) {
      const plan = planToolchain(target, facts);
      if (plan.kind === "supported") return plan;
      const { reason: message, remedy } = plan;
      throw new ToolError({ code: "unsupported-target", family: "environment", message, remedy });
    },
  };
}

async function readArtifacts(folders: Folders, names: readonly string[]): Promise<Artifact[]> {
  const built = await builtTriples(folders);
  const unknown = names.find((name) => !built.includes(name));
  if (unknown !== undefined || built.length === 0) throw notBuilt(unknown, built);
  const read = async (triple: string): Promise<Artifact> =>
    JSON.parse(await readFile(join(folders.artifacts, triple, "artifact.json"), "utf8")) as Artifact;
  return Promise.all((names.length === 0 ? built : names).map(read));
}

async function builtTriples({ artifacts }: Folders): Promise<string[]> {
  const names = existsSync(artifacts) ? await readdir(artifacts) : [];
  return names.filter((name) => existsSync(join(artifacts, name, "artifact.json"))).sort();
}

function notBuilt(name: string | undefined, built: readonly string[]): ToolError {
  const near = name === undefined ? [] : nearestNames(name, built);
  return new ToolError({
    code: "not-built",
    family: "usage",
    message: `${name === undefined ? "no target has" : `${name} has not`} been built here${near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`}`,
    remedy: `npm run matrix${name === undefined ? "" : ` -- --target ${name}`}`,
  });
}

const printer: ProgressSink = {
  emit(event) {
    if (event.type === "fetch") process.stderr.write(`fetching ${event.what} into ${event.into}\n`);
  },
};
