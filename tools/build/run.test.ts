// Real builds of a small crate: the host, one foreign target, what is built twice, and what an interrupt leaves.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { project as checkout } from "../../nnrp.project.ts";
import { inspectArtifact } from "../inspect/inspect.ts";
import { foldersOf, placeNames, type Folders } from "../matrix/folders.ts";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { targets } from "../matrix/targets.ts";
import { FileDigests } from "../shared/file-digest.ts";
import { systemProcess } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { detectHost } from "../toolchain/detect.ts";
import { planToolchain } from "../toolchain/plan.ts";
import { Preparation } from "../toolchain/prepare.ts";
import type { HostFacts, RustFacts, ToolchainPlan } from "../toolchain/toolchain.ts";
import { sourceDigest } from "./content-key.ts";
import { tinyProject } from "./fixtures/tiny/tiny.project.ts";
import { planBuild, type BuildSettings } from "./plan.ts";
import { recordPath } from "./record.ts";
import { runBuild, type BuildResult } from "./run.ts";

const host = hostTriple(thisHost());
/** Linked by the Rust toolchain's own linker over a generated sysroot: as far from the host as it gets. */
const foreign = "aarch64-linux-android";
const limitMs = 600_000;

let root: string;
let project: Project;
let folders: Folders;
let facts: HostFacts & { readonly rust: RustFacts };
let preparation: Preparation;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "tiny build "));
  cpSync(join(import.meta.dirname, "fixtures", "tiny"), root, { recursive: true });
  project = tinyProject(root);
  // The cache of the checkout: zig is fetched once for both.
  folders = foldersOf(project, { TINY_CACHE_DIR: foldersOf(checkout).cache });
  const found = await detectHost(folders, systemProcess, { offline: false });
  if (found.rust === undefined) throw new Error("these tests need cargo and rustc");
  facts = { ...found, rust: found.rust };
  preparation = new Preparation(facts, { root, process: systemProcess, progress: { emit: () => undefined } });
}, limitMs);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function build(
  triple: string,
  signal?: AbortSignal,
  onLine?: (line: string) => void,
): Promise<BuildResult> {
  const toolchain = toolchainOf(triple);
  const std = await preparation.prepare(toolchain);
  const settings: BuildSettings = {
    profile: "quick",
    jobs: 2,
    offline: false,
    gitCommit: "c0ffee",
    cargoSources: [],
    nodeApiHeaders: dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")),
  };
  return runBuild(planBuild(project, toolchain, std, facts, folders, settings), toolchain, {
    process: systemProcess,
    facts,
    settings,
    sources: await sourceDigest(project, folders, systemProcess),
    digests: new FileDigests(join(root, "digests.json")),
    places: placeNames(folders),
    ...(signal === undefined ? {} : { signal }),
    ...(onLine === undefined ? {} : { onLine }),
  });
}

function toolchainOf(triple: string): ToolchainPlan {
  const target = targets.find((row) => row.triple === triple);
  if (target === undefined) throw new Error(triple);
  const answer = planToolchain(target, facts);
  if (answer.kind === "unsupported") throw new Error(`${answer.reason}: ${answer.remedy}`);
  return answer;
}

function file(result: BuildResult, kind: string): string {
  const found = result.artifact.libraries.find((library) => library.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} library`);
  return found.path;
}

describe("a real build", { timeout: limitMs }, () => {
  it("of the host yields libraries and an addon that Node runs", async () => {
    const result = await build(host);
    expect(result.reused).toBe(false);
    expect(result.artifact.provenance.nativeStaticLibraries).not.toEqual([]);
    const program = `console.log(require(${JSON.stringify(file(result, "addon"))}).echo(42))`;
    expect(spawnSync(process.execPath, ["-e", program], { encoding: "utf8" }).stdout).toBe("42\n");
    const log = readFileSync(join(folders.artifacts, host, "build.log"), "utf8");
    expect(log).toMatch(/Compiling tiny-ffi v[\d.]+ \(\.\)/);
    expect(log).not.toContain(root);
  });

  it("exports what the crate exports and nothing else", async () => {
    const { content } = await inspectArtifact(file(await build(host), "dynamic"));
    if (content.format !== "elf") return;
    const exported = content.symbols.filter(({ defined }) => defined);
    expect(exported.map(({ name }) => name).sort()).toEqual([
      "tiny_catches_panic",
      "tiny_echo",
      "tiny_version",
    ]);
  });

  it("is not made twice, and is made again when a file was changed behind its back or a source changed", async () => {
    expect((await build(host)).reused).toBe(true);
    appendFileSync(file(await build(host), "static"), "x");
    expect((await build(host)).reused).toBe(false);
    appendFileSync(join(root, "src", "lib.rs"), "\n");
    expect((await build(host)).reused).toBe(false);
  });

  it("of Android without the NDK links against the symbols of its API level only", async () => {
    const result = await build(foreign);
    expect(result.artifact.provenance.sysroot).toBe("stub");
    const { content } = await inspectArtifact(file(result, "dynamic"));
    if (content.format !== "elf") throw new Error(content.format);
    expect(content.cpu).toBe("aarch64");
    expect(content.androidApi?.value).toBe(24);
    expect(content.dynamic?.needed.every(({ value }) => /^lib(c|m|dl|log)\.so$/.test(value))).toBe(true);
    expect(content.loads.every(({ align }) => align === 16384n)).toBe(true);
  });

  it("that does not compile says why and leaves no record", async () => {
    const source = join(root, "src", "lib.rs");
    const text = readFileSync(source, "utf8");
    writeFileSync(source, `${text}\nthis is no Rust\n`);
    await expect(build(host)).rejects.toMatchObject({
      code: "build-failed",
      exitCode: 1,
      message: expect.stringContaining("src/lib.rs") as unknown,
    });
    expect(existsSync(recordPath(join(folders.artifacts, host)))).toBe(false);
    writeFileSync(source, text);
    expect((await build(host)).reused).toBe(false);
  });

  it("that was interrupted is not taken for done: children end, no record stays, the next run builds", async () => {
    await build(host);
    appendFileSync(join(root, "src", "lib.rs"), "\n\n");
    const controller = new AbortController();
    const interrupted = build(host, controller.signal, () => controller.abort());
    await expect(interrupted).rejects.toMatchObject({ code: "interrupted", exitCode: 130 });
    expect(existsSync(recordPath(join(folders.artifacts, host)))).toBe(false);
    expect((await build(host)).reused).toBe(false);
  });
});
