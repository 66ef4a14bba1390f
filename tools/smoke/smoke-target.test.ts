// Facts about smoke runs, with a small library, its client and its peer built on this machine.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Artifact } from "../build/artifact.ts";
import { packageNpm } from "../package/package-npm.ts";
import { packageTarget } from "../package/package-target.ts";
import type { PackageFile } from "../package/package.ts";
import {
  buildTally,
  compiler,
  host,
  packageContext,
  tally,
  targetDirectory,
  targetOf,
} from "../package/tally-fixture.ts";
import { systemProcess } from "../shared/process.ts";
import { buildPeer, startPeer } from "./peer.ts";
import type { SmokeRequest } from "./smoke-bench.ts";
import { smokeTarget } from "./smoke-target.ts";
import { failuresOf, type Verification } from "./verification.ts";

const needsCompiler = it.skipIf(!compiler.isPresent);

let folder: string;
let artifact: Artifact;
let packages: readonly PackageFile[];
let peerProgram: string;

beforeAll(async () => {
  if (!compiler.isPresent) return;
  folder = mkdtempSync(join(tmpdir(), "smoke-test-"));
  artifact = buildTally();
  const context = await packageContext(join(folder, "packages"));
  packages = [...(await packageTarget(artifact, context)), await packageNpm([host], context)];
  // A copy: its path tells it from the peers of other test runs on this machine.
  peerProgram = join(folder, "tally-peer");
  copyFileSync(await buildPeer(tally, systemProcess, { targetDirectory }), peerProgram);
  process.env["TMPDIR"] = join(folder, "tmp");
  mkdirSync(process.env["TMPDIR"]);
}, 600_000);
afterAll(() => {
  if (compiler.isPresent) rmSync(folder, { recursive: true });
});

describe.skipIf(!compiler.isPresent)(`a host target (${compiler.install})`, () => {
  it("is executed: a dynamic and a static client, from the unpacked archive, with the library's digest", async () => {
    const verification = await smoke("pass");
    const [dynamic, whole] = verification.runs;
    expect(verification).toMatchObject({ triple: host.triple, claim: "executed", skipped: [] });
    expect(verification.archiveSha256).toBe(packages[0]?.sha256);
    expect(dynamic).toMatchObject({ client: "c-dynamic", ok: true, exitCode: 0, timedOut: false, passed: 1 });
    expect(whole).toMatchObject({ client: "c-static", ok: true, exitCode: 0, timedOut: false, passed: 1 });
    expect(dynamic?.library?.path).toMatch(/unpacked hêre\/tally-0.3.1-.*\/lib\/libtally.so$/);
    expect([dynamic?.library?.sha256, whole?.library?.sha256]).toEqual(
      artifact.libraries.slice(0, 2).map(({ sha256 }) => sha256),
    );
    expect(failuresOf(verification)).toEqual([]);
  });

  it("runs in Node from packages that npm installed into an empty folder", async () => {
    const verification = await smoke("pass", { packages });
    const run = verification.runs.find(({ client }) => client === "node");
    expect(run).toMatchObject({ client: "node", claim: "executed", ok: true, exitCode: 0, passed: 1 });
    expect(run?.library?.path).toMatch(/node user\/node_modules\/@tally\/native-linux-\w+\/tally.node$/);
    expect(run?.library?.sha256).toBe(artifact.libraries.find(({ kind }) => kind === "addon")?.sha256);
  });

  it("has its verification.json and the clients' output on disk", async () => {
    const verification = await smoke("pass");
    expect(JSON.parse(readFileSync(join(folder, "verification.json"), "utf8"))).toEqual(verification);
    expect(readFileSync(join(folder, "logs/smoke.log"), "utf8")).toContain('{"step":"add","ok":true');
  });

  it("says the same on disk whoever ran it where: folders have names, and none is of this machine", async () => {
    const written = async (temporary: string): Promise<string[]> => {
      await inTemporaryFolder(temporary, () => smoke("pass", { packages }));
      return ["verification.json", "logs/smoke.log"].map((name) => readFileSync(join(folder, name), "utf8"));
    };
    const one = await written(join(folder, "a"));
    expect(one.map(withoutTimes)).toEqual(
      (await written(join(folder, "of somebody else"))).map(withoutTimes),
    );
    for (const text of one) {
      expect(text).toContain("$SMOKE/unpacked hêre/");
      expect(text).not.toContain(folder);
      expect(text).not.toContain(tally.root);
    }
  });

  it.each([
    { scenario: "fail", exitCode: 1, tail: "1 steps failed" },
    { scenario: "crash", exitCode: 3, tail: "before its summary" },
    { scenario: "elsewhere", exitCode: 0, tail: "instead of the packaged" },
  ])("claims nothing when the client does: $scenario", async ({ scenario, exitCode, tail }) => {
    const verification = await smoke(scenario);
    expect(verification.claim).toBe("structural");
    expect(verification.runs[0]).toMatchObject({ ok: false, exitCode });
    expect(verification.runs[0]?.tail).toContain(tail);
    expect(failuresOf(verification).length).toBeGreaterThan(0);
  });

  it("ends a client that hangs at the time limit", async () => {
    const verification = await smoke("hang", { timeLimitMs: 500 });
    expect(verification.runs[0]).toMatchObject({ ok: false, timedOut: true, exitCode: null, library: null });
    expect(running("client-dynamic")).toEqual([]);
  });

  it("leaves no peer, no client and no folder behind, also after an interruption", async () => {
    const abort = new AbortController();
    const interrupted = expect(smoke("hang", { signal: abort.signal })).rejects.toMatchObject({
      code: "interrupted",
    });
    // Not before the client runs: a compiler that is killed leaves files of its own.
    await expect.poll(() => running("client-dynamic").length, { timeout: 60_000 }).toBeGreaterThan(0);
    abort.abort();
    await interrupted;
    expect([running("tally-peer"), running("client-dynamic")]).toEqual([[], []]);
    expect(readdirSync(tmpdir())).toEqual([]);
  });
});

needsCompiler(
  "a target without compiler is skipped with the line that brings one, and stays structural",
  async () => {
    const request = requestFor("pass");
    delete (request as { cCompiler?: unknown }).cCompiler;
    const verification = await smokeTarget(request);
    expect(verification).toMatchObject({ claim: "structural", runs: [], links: [] });
    expect(verification.skipped.map(({ client, remedy }) => [client, remedy])).toEqual([
      ["c-dynamic", "pip install ziglang==0.15.2"],
      ["c-static", "pip install ziglang==0.15.2"],
    ]);
  },
);

needsCompiler("a client that does not link is a failure, in the linker's words", async () => {
  const broken = { program: "cc", args: ["-Wl,--require-defined=absent"], name: "cc with a wish" };
  const verification = await smokeTarget({ ...requestFor("pass"), cCompiler: broken });
  expect(verification.runs).toEqual([]);
  expect(failuresOf(verification)[0]).toContain("`absent' not defined");
});

needsCompiler("a target that nothing here runs is linked and stays structural", async () => {
  const ios = { ...targetOf("aarch64-apple-ios"), libraries: ["static"] as const };
  // The archive holds this host's libraries: what counts is that no runner is looked for.
  const archive = packages[0];
  if (archive === undefined) throw new Error("no archive");
  const verification = await smokeTarget({ ...requestFor("pass"), target: { ...ios, triple: host.triple } });
  expect(verification).toMatchObject({ claim: "structural", runs: [], skipped: [] });
  expect(verification.links.map(({ client, ok }) => [client, ok])).toEqual([["c-static", true]]);
});

describe.skipIf(!compiler.isPresent)(`the peer (${compiler.install})`, () => {
  it("names the port it took, and is gone after stop()", async () => {
    const peer = await startPeer(peerProgram, tally.smoke.peer.uri);
    expect(peer.endpoint).toMatch(/^tally:\/\/127\.0\.0\.1:[1-9]\d*$/);
    await peer.stop();
    expect(running("tally-peer")).toEqual([]);
  });

  it("is an error with its own words when it does not listen", async () => {
    await expect(startPeer("/bin/false", "x")).rejects.toMatchObject({ code: "peer-not-listening" });
    await expect(startPeer("/nonexistent", "x")).rejects.toMatchObject({ code: "peer-not-listening" });
  });
});

function requestFor(scenario: string): SmokeRequest {
  return {
    project: { ...tally, smoke: { ...tally.smoke, scenario: `smoke/${scenario}.json` } },
    process: systemProcess,
    target: host,
    directory: folder,
    packages: packages.filter(({ kind }) => kind === "archive"),
    peerProgram,
    cCompiler: { program: "cc", args: [], name: "cc" },
    nativeStaticLibraries: artifact.provenance.nativeStaticLibraries,
    cacheDirectory: join(folder, "cache"),
    places: [{ folder: tally.root, name: "" }],
    offline: true,
  };
}

async function smoke(scenario: string, more: Partial<SmokeRequest> = {}): Promise<Verification> {
  return smokeTarget({ ...requestFor(scenario), ...more });
}

/** Runs `action` with a folder of its own for temporary files, as another user has it. */
async function inTemporaryFolder(path: string, action: () => Promise<unknown>): Promise<void> {
  const before = process.env["TMPDIR"];
  mkdirSync(path);
  process.env["TMPDIR"] = path;
  try {
    await action();
  } finally {
    process.env["TMPDIR"] = before;
    rmSync(path, { recursive: true });
  }
}

/** What differs from run to run on one machine, too. */
function withoutTimes(text: string): string {
  return text.replaceAll(/("durationMs": |"ms":)\d+/g, "$10").replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:0");
}

/** Processes whose program is in the folder of this test. */
function running(name: string): string[] {
  const lines = execFileSync("ps", ["-e", "-o", "args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.startsWith(folder) && line.includes(name));
}
