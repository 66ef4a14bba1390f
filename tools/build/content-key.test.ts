// What makes two builds the same build: everything that could change a byte, and nothing that could not.
import { expect, it } from "vitest";
import { foldersOf } from "../matrix/folders.ts";
import { targets } from "../matrix/targets.ts";
import { linuxBox } from "../toolchain/fixtures.ts";
import { planToolchain } from "../toolchain/plan.ts";
import type { HostFacts, StdProvider } from "../toolchain/toolchain.ts";
import { contentKey } from "./content-key.ts";
import { tinyProject } from "./fixtures/tiny/tiny.project.ts";
import { planBuild } from "./plan.ts";

interface Change {
  readonly std?: StdProvider;
  readonly jobs?: number;
  readonly sources?: string;
  readonly facts?: Partial<HostFacts>;
  readonly profile?: "release" | "quick";
}

function key({
  std = "installed",
  jobs = 2,
  sources = "s",
  facts = {},
  profile = "release",
}: Change = {}): string {
  const machine = { ...linuxBox, ...facts, rust: facts.rust ?? linuxBox.rust };
  const target = targets.find(({ triple }) => triple === "aarch64-linux-android");
  if (target === undefined) throw new Error("no such target");
  const toolchain = planToolchain(target, machine);
  if (toolchain.kind === "unsupported") throw new Error(toolchain.reason);
  const project = tinyProject("/checkout");
  const settings = { profile, jobs, offline: false, gitCommit: "c", cargoSources: [], nodeApiHeaders: "/n" };
  const plan = planBuild(project, toolchain, std, machine, foldersOf(project, {}), settings);
  return contentKey(sources, toolchain, plan, machine);
}

it("a std that rustup adds is the same as one that it added before", () => {
  expect(key({ std: "rustup" })).toBe(key({ std: "installed" }));
});

it("the number of jobs makes no other build", () => {
  expect(key({ jobs: 7 })).toBe(key());
});

it("sources, compiler, std, profile and an SDK do", () => {
  const newer = { ...linuxBox.rust, version: "rustc 1.96.0 (0 2026-05-28)" };
  const ndk = { folder: "/ndk", version: "27.2.12479018" };
  const distribution = {
    program: "/usr/bin/rustc",
    version: "rustc 1.96.0",
    commit: "",
    sysroot: "/usr",
    hasSource: true,
  };
  const keys = [
    key(),
    key({ sources: "t" }),
    key({ facts: { rust: newer } }),
    key({ std: "build-std" }),
    key({ std: "distribution", facts: { distribution } }),
    key({ std: "distribution", facts: { distribution: { ...distribution, version: "rustc 1.97.0" } } }),
    key({ profile: "quick" }),
    key({ facts: { androidNdk: ndk } }),
    key({ facts: { androidNdk: { ...ndk, version: "28.0.0" } } }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
