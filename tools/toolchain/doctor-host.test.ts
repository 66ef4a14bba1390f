// The doctor of the machine as a command, where the machine has little: it answers every target and never asks for more.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { SurveyRow } from "./survey.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bare-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** With these programs on PATH and none else, in an empty home. */
function doctor(programs: readonly string[]): { code: number | null; rows: readonly SurveyRow[] } {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of programs) symlinkSync(onPath(name), join(bin, name));
  const { HOME = "", CARGO_HOME = join(HOME, ".cargo"), RUSTUP_HOME = join(HOME, ".rustup") } = process.env;
  const entry = join(import.meta.dirname, "..", "doctor-host.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", entry, "--json"], {
    encoding: "utf8",
    cwd: join(import.meta.dirname, "..", ".."),
    env: { HOME: folder, PATH: bin, CARGO_HOME, RUSTUP_HOME },
  });
  expect(stderr).toBe("");
  return { code: status, rows: (JSON.parse(stdout) as { targets: SurveyRow[] }).targets };
}

function onPath(name: string): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = spawnSync("which", [name], { encoding: "utf8", env: { PATH: folders.join(delimiter) } });
  return found.stdout.trim();
}

describe.runIf(process.platform === "linux")("npm run doctor:host", () => {
  it("with nothing on PATH names Rust and pip for every target, and ends with 3", () => {
    const { code, rows } = doctor([]);
    expect(code).toBe(3);
    expect(rows.map(({ triple }) => triple).sort()).toEqual(targets.map(({ triple }) => triple).sort());
    for (const { state, missing } of rows)
      expect([state, ...missing.map(({ what }) => what)]).toEqual(["blocked", "Rust", "pip"]);
  });

  it("without Python finds Rust and names pip alone as what blocks", () => {
    const { code, rows } = doctor(["cargo", "rustc", "rustup"]);
    expect(code).toBe(3);
    for (const { found, missing } of rows) {
      expect(found.map(({ what }) => what)).toContain("rustc");
      expect(missing.filter(({ effect }) => effect === "blocks").map(({ what }) => what)).toEqual(["pip"]);
    }
  });

  it("without rustup never offers what only rustup could do", () => {
    const { rows } = doctor(["cargo", "rustc", "python3"]);
    const lines = rows.flatMap(({ missing }) => missing.map(({ install }) => install));
    expect(lines.filter((line) => line.startsWith("rustup "))).toEqual([]);
  });
});
