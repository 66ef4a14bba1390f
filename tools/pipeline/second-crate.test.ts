// Another crate, with a header and a project file of its own, goes through the whole pipeline: built, run and packed.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { project as checkout } from "../../nnrp.project.ts";
import { foldersOf } from "../matrix/folders.ts";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { targets } from "../matrix/targets.ts";
import type { ProgressEvent } from "../shared/progress.ts";
import { commit } from "./tiny-checkout.ts";

const limitMs = 3_600_000;
const host = hostTriple(thisHost());
/** One of each object format; all rows where the variable says so. */
const few = [
  ...[host, "x86_64-pc-windows-gnullvm", "aarch64-apple-darwin"],
  ...["aarch64-linux-android", "wasm32-unknown-unknown"],
];
const all = process.env["SECOND_CRATE_TARGETS"] === "all";
const wanted = all ? targets.map(({ triple }) => triple) : few;

interface TargetSummary {
  readonly triple: string;
  readonly built: boolean;
  readonly inspected: boolean;
  readonly ran: string;
  readonly packaged: boolean;
}

let folder: string;
let root: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "second-crate-"));
  root = join(folder, "tally");
  cpSync(join(import.meta.dirname, "../../tests/package/tally"), root, { recursive: true });
  writeFileSync(join(root, ".gitignore"), "/artifacts/\n/target/\n");
  commit(root);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function matrix(): { code: number | null; text: string; events: ProgressEvent[]; summary: TargetSummary[] } {
  const words = ["--import", "tsx", join(import.meta.dirname, "../build-matrix.ts"), "--json"];
  const which = all ? ["--all"] : wanted.flatMap((triple) => ["--target", triple]);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...words, "--project", join(root, "tally.project.ts"), "--profile", "quick", ...which],
    {
      ...{ cwd: join(import.meta.dirname, "../.."), encoding: "utf8", maxBuffer: 2 ** 27, timeout: limitMs },
      env: { ...process.env, TALLY_CACHE_DIR: foldersOf(checkout).cache, GITHUB_ACTIONS: undefined },
    },
  );
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  const events = lines.map((line) => JSON.parse(line) as ProgressEvent & { targets?: TargetSummary[] });
  return { code: status, text: stdout + stderr, events, summary: events.at(-1)?.targets ?? [] };
}

describe.runIf(process.platform === "linux")("a second crate", { timeout: limitMs }, () => {
  it("is built, judged, packed and tried for each kind of target", () => {
    const { code, text, summary } = matrix();
    expect(code, text).toBe(0);
    expect(summary.map(({ triple }) => triple).sort()).toEqual([...wanted].sort());
    for (const target of summary)
      expect(target).toMatchObject({ built: true, inspected: true, packaged: true });
    expect(summary.find(({ triple }) => triple === host)?.ran).toBe("executed");
    console.log(`counted: ${summary.length} targets of a second crate`);
  });

  it("is found unchanged by the next run, which repeats nothing", () => {
    const { code, text, events } = matrix();
    expect(code, text).toBe(0);
    const repeated = events.flatMap((event) =>
      event.type === "step-finished" && !event.reused && event.step !== "prepare"
        ? [`${event.triple} ${event.step}`]
        : [],
    );
    expect(repeated).toEqual([]);
  });

  it("has packages under its own name, and its sources are as they were", () => {
    const packages = readdirSync(join(root, "artifacts/packages")).filter((name) => !name.startsWith("."));
    expect(packages).toContain(`tally-0.3.1-${host}.tar.gz`);
    expect(packages.filter((name) => !/^tally-|^Tally|^(SHA256SUMS|Package\.swift)$/.test(name))).toEqual([]);
    const { stdout } = spawnSync("git", ["-C", root, "status", "--porcelain"], { encoding: "utf8" });
    expect(stdout).toBe("");
  });
});
