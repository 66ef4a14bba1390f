// Explains each target's toolchain: what was found, what is missing, the line that installs it and what that costs.
import type { Target } from "../matrix/target.ts";
import { targets as wholeTable } from "../matrix/targets.ts";
import { installCost, type CostName, type InstallCost } from "./install-cost.ts";
import { planToolchain } from "./plan.ts";
import { sdkFor } from "./sdk-install.ts";
import { stdOrSources } from "./std.ts";
import type { HostFacts, RustFacts, ToolchainPlan, Unsupported } from "./toolchain.ts";

/** "fetches": buildable, once a run has fetched what is missing. */
export type SurveyState = "ready" | "fetches" | "blocked";

/** "fetched" by the next run without being asked; "optional" improves what can be built. */
export type MissingEffect = "blocks" | "fetched" | "optional";

export interface Found {
  readonly what: string;
  /** Empty where the thing tells none. */
  readonly version: string;
}

export interface Missing {
  readonly what: string;
  readonly effect: MissingEffect;
  readonly why: string;
  /** The one line that installs it. */
  readonly install: string;
  readonly cost?: InstallCost;
}

export interface SurveyRow {
  readonly triple: string;
  readonly state: SurveyState;
  readonly found: readonly Found[];
  readonly missing: readonly Missing[];
}

export function surveyTargets(targets: readonly Target[], facts: HostFacts): SurveyRow[] {
  return targets.map((target) => surveyTarget(target, facts));
}

function surveyTarget(target: Target, facts: HostFacts): SurveyRow {
  const answer = planToolchain(target, facts, wholeTable);
  if (answer.kind === "unsupported") {
    const missing = distinct([blocker(answer, facts), ...absentPip(facts)]);
    return { triple: target.triple, state: "blocked", found: foundBeside(facts), missing };
  }
  const parts = answer.slices ?? [answer];
  const missing = distinct(parts.flatMap((plan) => missingOf(plan, facts)));
  const state = missing.some(({ effect }) => effect === "fetched") ? "fetches" : "ready";
  return {
    triple: target.triple,
    state,
    found: distinct(parts.flatMap((plan) => foundOf(plan, facts))),
    missing,
  };
}

/** What stands here whatever the target. */
function foundBeside({ rust, zig }: HostFacts): Found[] {
  return [
    ...rustFound(rust),
    ...(zig.state.kind === "cached" ? [{ what: "zig", version: zig.version }] : []),
  ];
}

function rustFound(rust: RustFacts | undefined): Found[] {
  return rust === undefined ? [] : [{ what: "rustc", version: rust.version.replace(/^rustc /, "") }];
}

function foundOf(plan: ToolchainPlan, facts: HostFacts): Found[] {
  const std =
    plan.std[0] === "installed"
      ? [{ what: `std of ${plan.target.triple}`, version: rustVersion(facts) }]
      : [];
  const sources = plan.std[0] !== "installed" && facts.rust?.hasSource === true;
  const zig = plan.usesZig && facts.zig.state.kind === "cached";
  return [
    ...rustFound(facts.rust),
    ...std,
    ...(sources ? [{ what: "sources of std", version: rustVersion(facts) }] : []),
    ...(plan.std[0] === "distribution" ? distributionFound(facts) : []),
    ...(zig ? [{ what: "zig", version: facts.zig.version }] : []),
    ...(plan.sysroot === "sdk" ? sdkFound(plan, facts) : []),
  ];
}

function distributionFound({ distribution }: HostFacts): Found[] {
  if (distribution === undefined) return [];
  const version = distribution.version.split(" ")[1] ?? "";
  return [{ what: "the distribution's rustc with sources of std", version }];
}

/** The platform's own, with the folder where it lies: there may be several on a machine. */
function sdkFound({ target }: ToolchainPlan, { androidNdk, appleSdk, microsoftSdk }: HostFacts): Found[] {
  if (target.family === "android" && androidNdk !== undefined)
    return [{ what: "Android NDK", version: `${androidNdk.version} (${androidNdk.folder})`.trim() }];
  if (target.family === "windows-msvc" && microsoftSdk !== undefined) {
    const { kind, version, folder } = microsoftSdk;
    const what = kind === "xwin" ? "Microsoft's C runtime of xwin" : "Visual Studio's compilers";
    return [{ what, version: `${version} (${folder})`.trim() }];
  }
  if (appleSdk?.kind === "osxcross")
    return [{ what: "macOS SDK of osxcross", version: `${appleSdk.version} (${appleSdk.sdk})`.trim() }];
  if (appleSdk === undefined) return [];
  const versions = Object.entries(appleSdk.versions).map(([name, version]) => `${name} ${version}`);
  return [{ what: "Xcode", version: versions.join(", ") }];
}

function rustVersion({ rust }: HostFacts): string {
  return rust?.version.split(" ")[1] ?? "";
}

function missingOf(plan: ToolchainPlan, facts: HostFacts): Missing[] {
  return [...missingStd(plan, facts), ...fetchedZig(plan, facts), ...missingSdk(plan, facts)];
}

/** Where the sources are, nothing is missing: what rustup's server does not have is built. */
function missingStd({ target, std }: ToolchainPlan, { rust }: HostFacts): Missing[] {
  if (std[0] === "installed" || std[0] === "distribution" || rust?.hasSource === true) return [];
  if (std[0] === "rustup") {
    const why = "the next run adds it, or its sources where rustup's server has none";
    return [needed(`std of ${target.triple}`, "fetched", why, stdOrSources(target.triple), "std")];
  }
  const why = "rustup has no std for the target: it is built from its sources";
  return [needed("sources of std", "fetched", why, "rustup component add rust-src", "std-sources")];
}

function fetchedZig({ usesZig, target }: ToolchainPlan, { zig }: HostFacts): Missing[] {
  if (!usesZig || zig.state.kind !== "fetchable") return [];
  const install = `npm run matrix -- --target ${target.triple} --until build`;
  return [needed("zig", "fetched", `the next run fetches ${zig.version} with pip`, install, "zig")];
}

/** An SDK of the platform's own, where the target is built without one. */
function missingSdk({ target, sysroot, limit }: ToolchainPlan, { platform }: HostFacts): Missing[] {
  const lacksDll = target.family === "windows-msvc" && limit !== undefined;
  if (!lacksDll && sysroot !== "stub") return [];
  const why = limit ?? "linked over generated stubs, which a release refuses";
  const { what, install, cost } = sdkFor(target, platform);
  return [needed(what, "optional", why, install, cost)];
}

function blocker({ reason, remedy }: Unsupported, { rust, zig }: HostFacts): Missing {
  if (rust === undefined) return needed("Rust", "blocks", reason, remedy, "rust");
  if (zig.state.kind === "absent" && reason.endsWith(zig.state.reason))
    return needed("pip", "blocks", zig.state.reason, remedy, "pip");
  const isZig = reason.startsWith("zig ");
  return needed(isZig ? "zig" : "Rust std", "blocks", reason, remedy, isZig ? "zig" : "std");
}

/** Named beside what is missing before it, so that one reading is enough. */
function absentPip({ zig }: HostFacts): Missing[] {
  if (zig.state.kind !== "absent") return [];
  return [needed("pip", "blocks", zig.state.reason, zig.state.remedy, "pip")];
}

function needed(what: string, effect: MissingEffect, why: string, install: string, cost: CostName): Missing {
  return { what, effect, why, install, cost: installCost(cost) };
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
