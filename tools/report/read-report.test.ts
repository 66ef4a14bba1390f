// The command that renders reports, given files that are none: the file is named, with what is wrong and the remedy.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "no report "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(...args: readonly string[]): { status: number | null; stderr: string } {
  const words = ["--import", "tsx", "tools/report.ts", ...args, "--output", join(folder, "out")];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
  return { status, stderr };
}

const empty = {
  ...{ project: { name: "x", version: "1" }, gitCommit: "0", startedAt: "2026-01-01T00:00:00Z", seconds: 1 },
  ...{ host: "x", tools: [], targets: [], packages: [], links: [] },
};

describe("npx tsx tools/report.ts", () => {
  it.each([
    ["an empty file", "", "cannot be read"],
    ["half a report", JSON.stringify(empty).slice(0, 80), "cannot be read"],
    ["a list", "[]", "must be object"],
    ["an object of something else", '{"name": "x"}', "must have required property"],
    ["a target without its name", JSON.stringify({ ...empty, targets: [{ planned: true }] }), "/targets/0"],
    ["text where a number must be", JSON.stringify({ ...empty, seconds: "1" }), "/seconds must be number"],
  ])("exits 2 for %s and writes nothing", (_what, text, problem) => {
    const file = join(folder, "report.json");
    writeFileSync(file, text);
    const { status, stderr } = report(file);
    expect(stderr).toContain(file);
    expect(stderr).toContain(problem);
    expect(stderr).toContain("fix: ");
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(2);
    expect(readdirSync(folder)).not.toContain("out");
  });

  it("exits 2 for a file that is missing, a folder, and an option that it does not know", () => {
    expect(report(join(folder, "missing.json"))).toMatchObject({ status: 2 });
    expect(report(folder)).toMatchObject({ status: 2 });
    const { status, stderr } = report("--nope");
    expect(stderr).toMatch(/error: .*--nope.*\n {2}fix: /);
    expect(status).toBe(2);
  });
});
