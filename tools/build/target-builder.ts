// Takes one target from its toolchain to finished libraries; a build that nothing has changed since is found before anything is fetched.
import { placeNames, type Folders } from "../matrix/folders.ts";
import type { FileDigests } from "../shared/file-digest.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import type { Preparation } from "../toolchain/prepare.ts";
import type { HostFacts, RustFacts, StdProvider, ToolchainPlan } from "../toolchain/toolchain.ts";
import type { Artifact } from "./artifact.ts";
import { combineSlices } from "./combine.ts";
import { fetchCrates, type BuildInputs } from "./inputs.ts";
import { buildDirectories, planBuild, type BuildPlan, type BuildSettings } from "./plan.ts";
import { findFinished, runBuild, type BuildContext, type BuildResult } from "./run.ts";

export interface BuilderContext {
  readonly project: Project;
  readonly folders: Folders;
  readonly facts: HostFacts & { readonly rust: RustFacts };
  readonly process: Process;
  readonly preparation: Preparation;
  readonly inputs: BuildInputs;
  readonly digests: FileDigests;
  readonly profile: BuildSettings["profile"];
  readonly offline: boolean;
  /** Everything that the run may come to build, in that order. */
  readonly toolchains: readonly ToolchainPlan[];
  /** Whether the run starts no further target. */
  readonly isOver: () => boolean;
  /** Called once where something has to be built, when cargo has all crates. */
  readonly onCrates: () => void;
  readonly signal?: AbortSignal;
}

/** Runs and reports one of the two steps of a build. */
export type StepReporter = <T>(
  step: "prepare" | "build",
  action: (onLine: (line: string) => void) => Promise<T>,
  describe: (result: T) => string,
) => Promise<T>;

export class TargetBuilder {
  readonly #context: BuilderContext;
  readonly #started = new Map<string, Promise<BuildResult>>();
  #cargoSources: readonly string[];
  #fetched: Promise<void> | undefined;
  #ahead: Promise<void> | undefined;

  constructor(context: BuilderContext) {
    this.#context = context;
    this.#cargoSources = context.inputs.cargoSources;
  }

  /** Each target is built once in a run, also when another one is made of it. */
  async build(toolchain: ToolchainPlan, jobs: number, step: StepReporter): Promise<Artifact> {
    const { triple } = toolchain.target;
    const underWay = this.#started.get(triple);
    if (underWay !== undefined) return (await step("build", () => underWay, describe)).artifact;
    const started = this.#make(toolchain, jobs, step);
    this.#started.set(triple, started);
    return (await started).artifact;
  }

  async #make(toolchain: ToolchainPlan, jobs: number, step: StepReporter): Promise<BuildResult> {
    const { slices } = toolchain;
    if (slices !== undefined) return step("build", () => this.#combine(toolchain, slices, jobs), describe);
    const finished = await this.#findFinished(toolchain, jobs);
    if (finished !== undefined) return step("build", () => Promise.resolve(finished), describe);
    const std = await step(
      "prepare",
      () => this.#prepare(toolchain),
      (provider) => `std ${provider}`,
    );
    const plan = this.#plan(toolchain, std, jobs);
    return step("build", (onLine) => runBuild(plan, toolchain, this.#buildContext(jobs, onLine)), describe);
  }

  /** Slices that are no targets of the run themselves are built all the same, unreported. */
  async #combine(
    toolchain: ToolchainPlan,
    slices: readonly ToolchainPlan[],
    jobs: number,
  ): Promise<BuildResult> {
    const { project, folders, digests } = this.#context;
    const artifacts = [];
    for (const slice of slices) artifacts.push(await this.build(slice, jobs, unreported));
    const directories = buildDirectories(folders, toolchain.target.triple);
    return combineSlices(project, toolchain, artifacts, directories, digests);
  }

  /** Of any std that the toolchain may take: which one it was is part of the key. */
  async #findFinished(toolchain: ToolchainPlan, jobs: number): Promise<BuildResult | undefined> {
    for (const std of toolchain.std) {
      const plan = this.#plan(toolchain, std, jobs);
      const artifact = await findFinished(plan, toolchain, this.#buildContext(jobs));
      if (artifact !== undefined) return { artifact, reused: true };
    }
    return undefined;
  }

  async #prepare(toolchain: ToolchainPlan): Promise<StdProvider> {
    this.#fetched ??= this.#fetchCrates();
    const both = [this.#context.preparation.prepare(toolchain), this.#fetched] as const;
    this.#ahead ??= this.#fetchAhead();
    // Neither is left to itself where the other one fails.
    await Promise.allSettled(both);
    const [std] = await Promise.all(both);
    return std;
  }

  /** rustup adds one std at a time, which other targets' builds need not wait for; why it could not is told to its own target. */
  async #fetchAhead(): Promise<void> {
    const { toolchains, isOver, preparation } = this.#context;
    for (const toolchain of toolchains.flatMap((plan) => plan.slices ?? plan)) {
      if (isOver()) return;
      const isFinished = (await this.#findFinished(toolchain, 1)) !== undefined;
      if (!isFinished) await preparation.provideStd(toolchain).catch(() => undefined);
    }
  }

  async #fetchCrates(): Promise<void> {
    this.#cargoSources = await fetchCrates(this.#context.project, this.#context);
    this.#context.onCrates();
  }

  #plan(toolchain: ToolchainPlan, std: StdProvider, jobs: number): BuildPlan {
    const { project, facts, folders } = this.#context;
    return planBuild(project, toolchain, std, facts, folders, this.#settings(jobs));
  }

  #settings(jobs: number): BuildSettings {
    const { inputs, profile, offline } = this.#context;
    const { gitCommit, nodeApiHeaders } = inputs;
    return { profile, offline, jobs, gitCommit, nodeApiHeaders, cargoSources: this.#cargoSources };
  }

  #buildContext(jobs: number, onLine?: (line: string) => void): BuildContext {
    const { process, facts, inputs, digests, folders, signal } = this.#context;
    return {
      process,
      facts,
      settings: this.#settings(jobs),
      sources: inputs.sources,
      digests,
      places: placeNames(folders),
      ...(onLine === undefined ? {} : { onLine }),
      ...(signal === undefined ? {} : { signal }),
    };
  }
}

const unreported: StepReporter = (_step, action) => action(() => undefined);

function describe({ artifact, reused }: BuildResult): string {
  return reused ? "up to date" : artifact.libraries.map(({ fileName }) => fileName).join(", ");
}
