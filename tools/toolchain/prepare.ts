// Makes a planned toolchain real: zig, the Rust std, generated folders; each fetched once, however many targets ask.
import type { Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";
import { fetchZig, zigRequirement } from "./fetch-zig.ts";
import { makeFolder } from "./generated-folder.ts";
import { provideStd } from "./std.ts";
import type { HostFacts, RustFacts, StdProvider, ToolchainPlan } from "./toolchain.ts";

export interface PrepareContext {
  readonly root: string;
  readonly process: Process;
  readonly progress: ProgressSink;
  readonly signal?: AbortSignal;
}

/** Shared by the targets of one run, so that two of them never fetch the same thing. */
export class Preparation {
  readonly #facts: HostFacts & { readonly rust: RustFacts };
  readonly #context: PrepareContext;
  readonly #started = new Map<string, Promise<void>>();
  readonly #stds = new Map<string, Promise<StdProvider>>();

  constructor(facts: HostFacts & { readonly rust: RustFacts }, context: PrepareContext) {
    this.#facts = facts;
    this.#context = context;
  }

  /** Resolves with the provider of the Rust std that is in place. */
  async prepare(plan: ToolchainPlan): Promise<StdProvider> {
    const both = [this.provideStd(plan), this.#provideTools(plan)] as const;
    // Neither is left to itself where the other one fails.
    await Promise.allSettled(both);
    const [std] = await Promise.all(both);
    return std;
  }

  /** The Rust std alone, which may be fetched long before its target's turn comes. */
  provideStd({ target, std }: ToolchainPlan): Promise<StdProvider> {
    const known = this.#stds.get(target.triple);
    if (known !== undefined) return known;
    const started = provideStd(target, std, this.#facts.rust, this.#context);
    this.#stds.set(target.triple, started);
    return started;
  }

  async #provideTools(plan: ToolchainPlan): Promise<void> {
    if (plan.usesZig) await this.#once("zig", () => this.#zig());
    for (const folder of plan.generated) {
      const { process, signal } = this.#context;
      await this.#once(folder.directory, () => makeFolder(folder, process, signal));
    }
  }

  async #zig(): Promise<void> {
    await fetchZig(this.#facts.zig, await zigRequirement(), this.#context);
  }

  #once(key: string, action: () => Promise<void>): Promise<void> {
    const known = this.#started.get(key);
    if (known !== undefined) return known;
    const started = action();
    this.#started.set(key, started);
    return started;
  }
}
