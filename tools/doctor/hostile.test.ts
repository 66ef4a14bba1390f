// What bad input gets from the whole doctor, as a child under limits: a finding or an error with the file's name.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Of } from "../shared/digest.ts";
import { fixturesFolder } from "../verify/mutation/fixture-artifact.ts";
import { hostileInputs } from "./hostile-inputs.ts";
import type { DoctorReport } from "./report.ts";
import { runDoctor, type DoctorRun } from "./run-doctor.ts";

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const library = readFileSync(join(fixturesFolder, "x86_64-unknown-linux-gnu/libfixture.so"));
const foreign = readFileSync(join(fixturesFolder, "aarch64-unknown-linux-gnu/libfixture.so"));
const limitMs = 600_000;

describe("hostile files", { timeout: limitMs }, () => {
  const outside = join(folder, "outside");
  const work = join(folder, "work");
  const inputs = hostileInputs(library, foreign, outside);
  let run: DoctorRun;
  let report: DoctorReport;
  let before: readonly string[];
  beforeAll(() => {
    mkdirSync(outside);
    mkdirSync(work);
    writeFileSync(join(outside, "kept"), "as it was");
    for (const { file, bytes } of inputs) writeFileSync(join(work, file), bytes);
    before = treeOf(folder);
    run = runDoctor([...inputs.map(({ file }) => file), "--format", "json"], { folder: work });
    report = JSON.parse(run.stdout) as DoctorReport;
  }, limitMs);

  it.each(inputs.flatMap(({ file, refused }) => (refused === undefined ? [] : [{ file, refused }])))(
    "$file is refused with its name and what is wrong",
    ({ file, refused: [code, message] }) => {
      const error = report.unreadable.find((entry) => entry.file === file);
      expect(error?.code).toBe(code);
      expect(error?.message).toContain(file);
      expect(error?.message).toContain(message);
      expect(error?.fix).not.toBe("");
    },
  );

  it.each(inputs.flatMap(({ file, found }) => (found === undefined ? [] : [{ file, found }])))(
    "$file gets a finding at the member that is wrong",
    ({ file, found }) => {
      const errors = report.findings.filter((entry) => entry.file === file && entry.severity === "error");
      for (const [member, words] of found) {
        const said = errors
          .filter((entry) => entry.member === (member ?? null))
          .map(({ evidence: { section, value } }) => `${section}: ${value}`);
        expect(said.length, `${file} ${member}`).toBeGreaterThan(0);
        expect(said.join("\n")).toContain(words);
      }
    },
  );

  it.each(inputs.flatMap((input) => ((input.refused ?? input.found) ? [] : [input.file])))(
    "%s is examined without complaint",
    (file) => {
      expect(report.examined.map((entry) => entry.file)).toContain(file);
      expect(report.findings.filter((entry) => entry.file === file && entry.severity === "error")).toEqual(
        [],
      );
    },
  );

  it("end with exit code 1, without a stack, and every one is told of", () => {
    expect(run.status).toBe(1);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    const told = new Set([...report.examined, ...report.unreadable].map(({ file }) => file));
    expect([...told].sort()).toEqual(inputs.map(({ file }) => file).sort());
  });

  it("make the doctor write nothing, inside its folder or outside", () => {
    expect(treeOf(folder)).toEqual(before);
  });

  it.each(["table", "markdown", "html", "json", "sarif"])(
    "cannot command a terminal by their names in %s",
    (format) => {
      const { status, stdout, stderr } = runDoctor(["terminal.zip", "names.zip", "--format", format], {
        folder: work,
      });
      expect(stdout).toContain("owned");
      expect(stdout + stderr).not.toMatch(/[\u001b\u0007]/);
      if (format !== "json" && format !== "sarif") expect(stdout).not.toContain("\u202e");
      expect(status).toBe(1);
    },
  );

  it("cannot make it take more than half a gigabyte", () => {
    expect(run.peakBytes).toBeGreaterThan(2 ** 25);
    expect(run.peakBytes).toBeLessThan(2 ** 29);
  });
});

describe("a folder", { timeout: limitMs }, () => {
  it("that links to itself is walked once, and a name cannot command the terminal", () => {
    const loop = join(folder, "loop");
    mkdirSync(loop);
    symlinkSync(".", join(loop, "again"));
    symlinkSync("b", join(loop, "a"));
    symlinkSync("a", join(loop, "b"));
    writeFileSync(join(loop, "\u001b]0;owned\u0007.so"), "no library");
    const { status, stdout, stderr } = runDoctor([loop]);
    expect(stdout).toContain("library-unreadable");
    expect(stdout + stderr).not.toMatch(/[\u001b\u0007]/);
    expect(status).toBe(1);
  });

  it("with a pipe and a socket is walked without opening them", () => {
    const odd = join(folder, "odd");
    mkdirSync(odd);
    execFileSync("mkfifo", [join(odd, "pipe.so")]);
    execFileSync("python3", [
      ...["-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", join(odd, "s")],
    ]);
    const { status, stdout } = runDoctor([odd]);
    expect(stdout).toContain("pipe.so");
    expect(stdout.match(/is a device, a pipe or a socket/g)).toHaveLength(2);
    expect(status).toBe(1);
  });

  it("with a file and a folder that may not be read gets a finding for both, and the rest is examined", () => {
    const closed = join(folder, "closed");
    mkdirSync(join(closed, "cellar"), { recursive: true });
    writeFileSync(join(closed, "a.so"), library);
    writeFileSync(join(closed, "secret.so"), library);
    chmodSync(join(closed, "secret.so"), 0);
    chmodSync(join(closed, "cellar"), 0);
    const { status, stdout } = runDoctor([closed, "--format", "json"], { wrapper: withoutOverride });
    chmodSync(join(closed, "cellar"), 0o700);
    const { findings, examined } = JSON.parse(stdout) as DoctorReport;
    expect(status).toBe(1);
    for (const name of ["secret.so", "cellar"])
      expect(findings.find(({ file }) => file === join(closed, name))?.evidence.value).toContain("EACCES");
    expect(examined.map(({ file }) => file)).toContain(join(closed, "a.so"));
  });
});

describe("the command line", { timeout: limitMs }, () => {
  it("gets 2 for a pipe, a device, and what is not there, and does not wait for them", () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const missing = join(folder, "missing.so");
    const { status, stderr } = runDoctor([pipe, "/dev/zero", "/dev/stdin", missing]);
    expect(stderr.match(/is no regular file/g)?.length).toBeGreaterThanOrEqual(2);
    expect(stderr).toContain(missing);
    expect(status).toBe(2);
  });

  it.each([
    ["a policy that is none", ["--policy", "no-policy.json"], "no-policy.json"],
    ["a policy that is missing", ["--policy", "missing.json"], "missing.json"],
    [
      "a policy for a target that is none",
      ["--policy", "target.json"],
      "did you mean x86_64-unknown-linux-gnu",
    ],
    ["a format that is none", ["--format", "pdf"], "table, json, sarif, markdown, html"],
    ["an empty path", [""], "one of the paths is empty"],
  ])("gets 2 and what to do for %s", (_what, words, expected) => {
    writeFileSync(join(folder, "no-policy.json"), "{");
    writeFileSync(join(folder, "target.json"), '{"target": "x86_64-unknown-linux-gun"}');
    writeFileSync(join(folder, "good.so"), library);
    const { status, stdout, stderr } = runDoctor(["good.so", ...words], { folder });
    expect(status).toBe(2);
    expect(stderr).toContain(expected);
    expect(stdout).toBe("");
  });

  it("gets 3 where the report cannot be written, and leaves no half of one", () => {
    const target = join(folder, "good.so", "report.json");
    writeFileSync(join(folder, "good.so"), library);
    const { status, stderr } = runDoctor(["good.so", "--output", target], { folder });
    expect(status).toBe(3);
    expect(stderr).toContain(target);
  });
});

/** root passes over permissions unless it gives that right up. */
const withoutOverride =
  process.getuid?.() === 0
    ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    : [];

/** Every path below a folder, with what it holds. */
function treeOf(root: string): string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() ? `${path} ${sha256Of(readFileSync(path))}` : path;
    })
    .sort();
}
