// The whole command with a platform's own SDK on the machine: found, used, named in the package, and fit for a release.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedArtifact } from "../build/record.ts";
import { inspectArtifact } from "../inspect/inspect.ts";
import { foldersOf } from "../matrix/folders.ts";
import { targets } from "../matrix/targets.ts";
import { systemProcess } from "../shared/process.ts";
import { detectHost } from "../toolchain/detect.ts";
import { planToolchain } from "../toolchain/plan.ts";
import { Preparation } from "../toolchain/prepare.ts";
import { lldName } from "../toolchain/rust-lld.ts";
import type { ToolchainPlan } from "../toolchain/toolchain.ts";
import { project as checkout } from "../../nnrp.project.ts";
import { tinyCheckout, type TinyCheckout } from "./tiny-checkout.ts";
import { workingNdk, workingOsxcross, workingXwin, type Machine } from "./working-sdks.ts";

const limitMs = 900_000;
const isLinux = process.platform === "linux";

let folder: string;
let tiny: TinyCheckout;
let machine: Machine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sdks "));
  tiny = tinyCheckout(join(folder, "tiny"));
  const facts = await detectHost(foldersOf(checkout), systemProcess, { offline: false });
  if (facts.rust === undefined) throw new Error("these tests need cargo and rustc");
  const bare = { androidNdk: undefined, appleSdk: undefined, microsoftSdk: undefined };
  machine = { ...facts, rust: facts.rust, ...bare };
}, limitMs);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The plan without an SDK, with everything it takes in its place. */
async function prepared(triple: string): Promise<ToolchainPlan> {
  const target = targets.find((row) => row.triple === triple);
  if (target === undefined) throw new Error(triple);
  const plan = planToolchain(target, machine);
  if (plan.kind === "unsupported") throw new Error(plan.reason);
  const context = { root: checkout.root, process: systemProcess, progress: { emit: () => undefined } };
  await new Preparation(machine, context).prepare(plan);
  return plan;
}

const built = ["x86_64-pc-windows-msvc", "aarch64-linux-android", "aarch64-apple-darwin"] as const;

/** One run for all of them, as on a machine that has everything. */
async function buildWithSdks(output: string): Promise<Record<(typeof built)[number], RecordedArtifact>> {
  await prepared("x86_64-pc-windows-msvc");
  workingXwin(join(folder, "cargo-xwin", "xwin"), machine);
  workingNdk(join(folder, "ndk"), machine, await prepared("aarch64-linux-android"));
  workingOsxcross(join(folder, "osxcross"), machine, await prepared("aarch64-apple-darwin"));
  const env = {
    XWIN_CACHE_DIR: join(folder, "cargo-xwin"),
    ANDROID_NDK_ROOT: join(folder, "ndk"),
    OSXCROSS_ROOT: join(folder, "osxcross"),
  };
  const words = [
    ...built.flatMap((triple) => ["--target", triple]),
    "--until",
    "package",
    "--output",
    output,
  ];
  const { code, stdout, stderr } = tiny.matrix(words, { env, timeoutMs: limitMs });
  expect(code, stdout + stderr).toBe(0);
  const record = (triple: string): RecordedArtifact =>
    JSON.parse(readFileSync(join(output, triple, "artifact.json"), "utf8")) as RecordedArtifact;
  return Object.fromEntries(built.map((triple) => [triple, record(triple)])) as Awaited<
    ReturnType<typeof buildWithSdks>
  >;
}

describe.runIf(isLinux && process.arch === "x64")("a build with SDKs", { timeout: limitMs }, () => {
  it("uses each of them, says so in its record, links Microsoft's DLL, and may be released", async () => {
    const output = join(folder, "out");
    const records = await buildWithSdks(output);
    expect(
      built.map((triple) => [records[triple].provenance.sysroot, records[triple].provenance.linker]),
    ).toEqual([
      ["sdk", `${lldName(machine.rust)} over Microsoft's C runtime 14.41.34120`],
      ["sdk", "lld of NDK 27.2.12479018"],
      ["sdk", "ld of osxcross (macosx 14.2)"],
    ]);
    const { libraries, provenance } = records["x86_64-pc-windows-msvc"];
    expect(provenance.nativeStaticLibraries).toContain("/defaultlib:msvcrt");
    expect(libraries.map(({ fileName }) => fileName).sort()).toEqual([
      "tiny.dll",
      "tiny.dll.lib",
      "tiny.lib",
    ]);
    const dll = libraries.find(({ kind }) => kind === "dynamic");
    const { content } = await inspectArtifact(dll?.path ?? "");
    if (content.format !== "pe") throw new Error(content.format);
    expect(JSON.stringify(content.exports)).toContain("tiny_echo");
    // It comes with no Windows.
    expect(JSON.stringify(content.imports)).not.toMatch(/vcruntime|msvcp/i);
    const entry = join(import.meta.dirname, "..", "release-check.ts");
    const check = spawnSync(process.execPath, ["--import", "tsx", entry, output], { encoding: "utf8" });
    expect(check.status, check.stdout + check.stderr).toBe(0);
  });
});
