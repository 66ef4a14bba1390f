// This checkout itself where nobody may write to it: its commands work, and leave it as it was.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
const limitMs = 3_600_000;
/** The whole way through all stages takes minutes: `npm run torture` asks for it. */
const whole = process.env["READ_ONLY_RUN"] === "whole";
const isRoot = process.getuid?.() === 0;
/** root passes over permissions unless it gives that right up. */
const withoutOverride = isRoot
  ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
  : [];
const hasCommit = spawnSync("git", ["-C", repository, "rev-parse", "HEAD"]).status === 0;

let folder: string;
let checkout: string;
let before: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "read-only-"));
  checkout = join(folder, "checkout");
  spawnSync("git", ["clone", "--quiet", "--no-hardlinks", repository, checkout]);
  symlinkSync(join(repository, "node_modules"), join(checkout, "node_modules"));
  spawnSync("chmod", ["-R", "a-w", checkout]);
  before = filesOf(checkout);
});
afterAll(() => {
  spawnSync("chmod", ["-R", "u+w", checkout]);
  rmSync(folder, { recursive: true, force: true });
});

function run(...words: readonly string[]): { code: number | null; text: string } {
  const [program = "", ...args] = [...withoutOverride, process.execPath, "--import", "tsx", ...words];
  const { status, stdout, stderr } = spawnSync(program, args, {
    ...{ cwd: checkout, encoding: "utf8", timeout: limitMs },
    env: { ...process.env, GITHUB_ACTIONS: undefined },
  });
  return { code: status, text: stdout + stderr };
}

describe.runIf(process.platform === "linux" && hasCommit)(
  "a read-only checkout",
  { timeout: limitMs },
  () => {
    it("cannot be written by these tests", () => {
      const probe = [...withoutOverride, "touch", join(checkout, "probe")];
      expect(spawnSync(probe[0] ?? "", probe.slice(1)).status).not.toBe(0);
    });

    it.each([
      ["the plan of all targets", ["tools/build-matrix.ts", "--dry-run"]],
      ["the check of the generated files", ["tools/header-to-ts.ts", "--check"]],
      ["the doctor", ["tools/doctor.ts", "tools/inspect/fixtures/x86_64-unknown-linux-gnu/libfixture.so"]],
    ])("gives %s", (_what, words) => {
      const { code, text } = run(...words);
      expect(code, text).toBe(0);
      expect(filesOf(checkout)).toEqual(before);
    });

    it("says which folder it would write to, and what to do", () => {
      const { code, text } = run("tools/build-matrix.ts", "--target", "host", "--until", "build");
      expect(text).toContain(join(checkout, "artifacts"));
      expect(text).toMatch(/fix: .*--output/);
      expect(code).toBe(3);
    });

    if (!whole) return;
    it("is built, packed and tried with --output elsewhere", () => {
      const output = join(folder, "out");
      const words = ["--target", "host", "--profile", "quick", "--output", output];
      const { code, text } = run("tools/build-matrix.ts", ...words);
      expect(code, text).toBe(0);
      expect(readdirSync(join(output, "packages")).some((name) => name.endsWith(".tar.gz"))).toBe(true);
      expect(filesOf(checkout)).toEqual(before);
      console.log("counted: 1 target through all stages of a read-only checkout");
    });
  },
);

function filesOf(root: string): string[] {
  const { stdout } = spawnSync("find", [root, "-printf", "%p %s %T@\n"], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  return stdout.split("\n").sort();
}
