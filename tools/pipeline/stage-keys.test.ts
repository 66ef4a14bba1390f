// The key of each stage: every input that changes it, and the inputs that must not.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Artifact } from "../build/artifact.ts";
import { tinyProject } from "../build/fixtures/tiny/tiny.project.ts";
import { foldersOf } from "../matrix/folders.ts";
import { targets } from "../matrix/targets.ts";
import type { PackageFile } from "../package/package.ts";
import type { RunReport } from "../report/run-report.ts";
import { FileDigests } from "../shared/file-digest.ts";
import { linuxBox } from "../toolchain/fixtures.ts";
import { planToolchain } from "../toolchain/plan.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import * as keys from "./stage-keys.ts";

type Stage = "inspect" | "verify" | "package" | "shared" | "smoke";

const target = targets.find(({ triple }) => triple === "x86_64-unknown-linux-gnu") ?? fail("no such row");
let root: string;
let offline: boolean;
let epoch: number;
let artifact: Artifact;
let toolchain: ToolchainPlan;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "keys-"));
  [offline, epoch, toolchain] = [false, 1, supported()];
  cpSync(join(import.meta.dirname, "..", "build", "fixtures", "tiny"), root, { recursive: true });
  for (const file of [
    "abi.json",
    "LICENSE",
    "node/package.json",
    "node/index.js",
    "scenario.json",
    "smoke.mjs",
  ])
    write(file, "{}");
  write("artifacts/x/libtiny.so", "library");
  write("artifacts/x/artifact.json", "{}");
  write("artifacts/packages/tiny.tar.gz", "archive");
  const library = {
    bytes: 7,
    sha256: "0",
    fileName: "libtiny.so",
    path: join(root, "artifacts/x/libtiny.so"),
  };
  artifact = {
    ...{ target, directory: join(root, "artifacts/x"), libraries: [{ kind: "dynamic", ...library }] },
    provenance: {
      ...{ rustc: "r", std: "installed", linker: "l", cCompiler: "c", sysroot: "zig", profile: "release" },
      ...{ gitCommit: "c", nativeStaticLibraries: ["-lm"] },
    },
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function supported(): ToolchainPlan {
  const plan = planToolchain(target, linuxBox);
  return plan.kind === "supported" ? plan : fail(plan.reason);
}

function fail(message: string): never {
  throw new Error(message);
}

async function allKeys(): Promise<Record<Stage, string>> {
  const project = tinyProject(root);
  const digests = new FileDigests(join(root, "digests.json"));
  const context: keys.KeyContext = {
    ...{ project, folders: foldersOf(project), offline, digests },
    sourceDateEpoch: () => Promise.resolve(epoch),
    smokeSources: () => keys.smokeSources({ project, digests }),
  };
  const path = join(root, "artifacts/packages/tiny.tar.gz");
  const packed: PackageFile = {
    kind: "archive",
    target,
    path,
    fileName: "tiny.tar.gz",
    bytes: 7,
    sha256: "0",
  };
  return {
    inspect: await keys.inspectKey(artifact, context),
    verify: await keys.verifyKey(artifact, context),
    package: await keys.packageKey(artifact, context),
    shared: await keys.sharedPackageKey(targets, context),
    smoke: await keys.smokeKey(artifact, [packed], toolchain, context),
  };
}

const changes: readonly (readonly [what: string, change: () => void, stages: readonly Stage[]])[] = [
  ["nothing", () => undefined, []],
  ["a library's bytes", () => write("artifacts/x/libtiny.so", "other"), ["inspect", "verify", "package"]],
  ["the record of the build", () => write("artifacts/x/artifact.json", "[]"), ["package"]],
  [
    "the target's promises",
    () => (artifact = { ...artifact, target: { ...target, floor: { kind: "none" } } }),
    ["verify", "smoke"],
  ],
  ["the ABI model", () => write("abi.json", "[]"), ["verify", "package"]],
  ["a header", () => write("include/tiny/tiny.h", "/**/"), ["package"]],
  ["the licence", () => write("LICENSE", "MIT"), ["package", "shared"]],
  ["the lock file", () => write("Cargo.lock", "#"), ["package", "smoke"]],
  ["the time of the commit", () => (epoch = 2), ["package", "shared"]],
  ["the npm package", () => write("node/index.js", "1"), ["shared"]],
  ["a package's bytes", () => write("artifacts/packages/tiny.tar.gz", "other"), ["smoke"]],
  ["the scenario", () => write("scenario.json", "[]"), ["smoke"]],
  ["the Node client", () => write("smoke.mjs", "1"), ["smoke"]],
  ["the peer", () => write("src/lib.rs", "//! other"), ["smoke"]],
  ["the C compiler", () => (toolchain = { ...toolchain, cCompiler: "another" }), ["smoke"]],
  ["whether things may be fetched", () => (offline = true), ["smoke"]],
];

describe("the key of the report", () => {
  const step = { step: "build", ok: true, seconds: 3, reused: false, detail: "2 files" } as const;
  const report = {
    target,
    planned: true,
    reason: "zig",
    seconds: 3,
    steps: [step],
    findings: [],
    packages: [],
  };
  const run: RunReport = {
    ...{
      project: { name: "x", version: "1" },
      gitCommit: "c",
      startedAt: "now",
      seconds: 4,
      host: "h",
      tools: [],
    },
    ...{ targets: [report], packages: [], links: [] },
  };

  it("is the same for a run that found everything unchanged", () => {
    const found = { ...step, seconds: 0.1, reused: true, detail: "up to date" };
    const later = {
      ...run,
      startedAt: "later",
      seconds: 1,
      targets: [{ ...report, seconds: 0, steps: [found] }],
    };
    const before = { ...run, targets: [{ ...report, steps: [{ ...step, step: "prepare" as const }, step] }] };
    expect(new Set([run, later, before].map(keys.reportKey)).size).toBe(1);
  });

  it("differs for another commit, another tool and a step that failed", () => {
    const others: RunReport[] = [
      run,
      { ...run, gitCommit: "d" },
      { ...run, tools: [{ name: "zig", version: "1", from: "" }] },
      { ...run, targets: [{ ...report, steps: [{ ...step, ok: false }] }] },
    ];
    expect(new Set(others.map(keys.reportKey)).size).toBe(others.length);
  });
});

describe("the keys of the stages", () => {
  it.each(changes)("change with %s where they must", async (_what, change, stages) => {
    const before = await allKeys();
    change();
    const after = await allKeys();
    const changed = (Object.keys(before) as Stage[]).filter((stage) => before[stage] !== after[stage]);
    // The fixture's one folder holds everything: what lies in it may count more often than needed, never less often.
    expect(changed).toEqual(expect.arrayContaining([...stages]));
    if (stages.length < 5)
      expect(changed.filter((stage) => !stages.includes(stage) && stage !== "smoke")).toEqual([]);
  });
});
