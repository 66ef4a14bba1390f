// The entry itself, as a process: exit codes, the plan, and the last line of --json.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { project } from "../../nnrp.project.ts";
import { crateFor } from "../matrix/crate.ts";
import { targets } from "../matrix/targets.ts";

const root = join(import.meta.dirname, "..", "..");

/** What the project has something for. */
const rows = targets.filter((target) => crateFor(project, target) !== undefined);

function matrix(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  return matrixWith(process.env, ...args);
}

function matrixWith(
  env: NodeJS.ProcessEnv,
  ...args: string[]
): { code: number | null; stdout: string; stderr: string } {
  const command = ["--import", "tsx", join(root, "tools", "build-matrix.ts"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

describe("build-matrix", () => {
  it("exits 2 and names the nearest targets for a mistyped one", () => {
    const { code, stderr } = matrix("--target", "aarch64-linux-androit");
    expect(code).toBe(2);
    expect(stderr).toContain("did you mean aarch64-linux-android");
  });

  it("exits 2 for an unknown option", () => {
    expect(matrix("--dryrun")).toMatchObject({ code: 2 });
  });

  it("prints a manual", () => {
    const { code, stdout } = matrix("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Exit status:");
  });

  it("plans every target of the table in a plain dry run, and exits 0 whatever is missing", () => {
    const { code, stdout } = matrix("--dry-run");
    expect(code).toBe(0);
    for (const { triple } of rows) expect(stdout).toContain(triple);
    expect(stdout).toContain("cargo rustc --locked");
  });

  it("ends --json with one summary line that names every target", () => {
    const { stdout } = matrix("--dry-run", "--json");
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    const summary = lines.at(-1) as { type: string; targets: { triple: string }[] };
    expect(Object.keys(summary)).toEqual(["type", "targets"]);
    expect(summary.type).toBe("summary");
    expect(summary.targets.map(({ triple }) => triple).sort()).toEqual(
      rows.map(({ triple }) => triple).sort(),
    );
    for (const target of summary.targets)
      expect(Object.keys(target)).toEqual([
        "triple",
        "planned",
        "built",
        "inspected",
        "ran",
        "packaged",
        "bytes",
        "seconds",
        "reason",
      ]);
    expect(lines.filter(({ type }) => type === "summary")).toHaveLength(1);
  });

  it("exits 3 when something asked for cannot be built here, and says what would change it", () => {
    const withoutRust = { ...process.env, PATH: join(root, "docs") };
    const { code, stdout } = matrixWith(withoutRust, "--dry-run", "--target", "host");
    expect(code).toBe(3);
    expect(stdout).toContain("to change that: ");
  });
});
