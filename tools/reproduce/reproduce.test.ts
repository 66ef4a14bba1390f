// The command on a real crate: the same bytes twice, and a difference that a build script plants is named.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commit, tinyCheckout, type TinyCheckout } from "../pipeline/tiny-checkout.ts";

const limitMs = 600_000;
let folder: string;
let tiny: TinyCheckout;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reproduced "));
  tiny = tinyCheckout(join(folder, "repo"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function reproduce(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const entry = join(import.meta.dirname, "..", "reproduce.ts");
  const words = ["--import", "tsx", entry, "--project", tiny.projectFile, "--profile", "quick", ...args];
  const options = {
    encoding: "utf8",
    env: tiny.environment,
    cwd: join(import.meta.dirname, "..", ".."),
  } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
  return { code: status, stdout, stderr };
}

describe("npm run reproduce", { timeout: limitMs }, () => {
  it("finds the same bytes in two folders, time zones, locales and homes", () => {
    const { code, stdout, stderr } = reproduce("--json");
    expect(stderr).toContain("TZ=Pacific/Kiritimati");
    expect(code, stdout + stderr).toBe(0);
    const { files, differences } = JSON.parse(stdout) as { files: string[]; differences: unknown[] };
    expect(differences).toEqual([]);
    expect(files.some((name) => name.endsWith("libtiny.a"))).toBe(true);
    expect(files.some((name) => name.startsWith("packages/"))).toBe(true);
  });

  it("names the section and the package member of a folder that a build script lets through", () => {
    const planted = 'fn main() { println!("cargo:rustc-env=PLANTED={}", std::env::var("TZ").unwrap()); }\n';
    writeFileSync(join(tiny.root, "build.rs"), planted);
    // Kept by the optimiser, and short enough to stay one constant.
    tiny.change("src/lib.rs", (text) =>
      text.replace(
        /(fn tiny_version\(\) -> u32 \{\n)\s*1/,
        '$1    std::hint::black_box(env!("PLANTED")).as_bytes()[0].into()',
      ),
    );
    commit(tiny.root);
    const { code, stdout, stderr } = reproduce();
    expect(code, stdout + stderr).toBe(1);
    expect(stderr).not.toContain("error:");
    expect(stdout).toMatch(/libtiny\.so › \.\w+/);
    expect(stdout).toMatch(/packages\/tiny-0\.1\.0-\S+ › .*libtiny\.a › /);
    expect(stdout).toContain("Etc");
    expect(stdout).toContain("Pac");
  });

  it("refuses a commit that is not there with exit code 2", () => {
    expect(reproduce("--commit", "no-such-branch")).toMatchObject({ code: 2 });
  });
});
