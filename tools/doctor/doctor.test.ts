// The doctor as a person runs it: a child process on real packages, its formats against their published schemas.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { corpusFile } from "../inspect/corpus-cache.ts";
import { gates } from "../verify/gates.ts";
import { fixturesFolder } from "../verify/mutation/fixture-artifact.ts";
import { packageGates } from "../verify/package-gates.ts";
import reportSchema from "./schema/doctor-report.schema.json" with { type: "json" };
import { formatJson } from "./format-json.ts";
import { formatSarif } from "./format-sarif.ts";
import { examinePaths } from "./report.ts";
import { runDoctor } from "./run-doctor.ts";

const folder = mkdtempSync(join(tmpdir(), "doctor ä-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** cryptography says macosx_10_9 and needs 10.13: a package of good repute with a true error. */
const wheel = corpusFile("cryptography-macos-universal2");
const good = join(fixturesFolder, "x86_64-unknown-linux-gnu/libfixture.so");
const sarifSchema: object = JSON.parse(
  readFileSync(new URL("fixtures/sarif-2.1.0.schema.json", import.meta.url), "utf8"),
) as object;

describe("exit codes", () => {
  it("is 2 for what cannot be read, with the file named, and the rest is examined all the same", () => {
    const garbage = join(folder, "garbage.bin");
    writeFileSync(garbage, "nothing that anybody knows");
    const { status, stderr, stdout } = runDoctor([garbage, good, "--format", "json"]);
    expect(status).toBe(2);
    expect(stderr).toContain(garbage);
    const report = JSON.parse(stdout) as { examined: unknown[]; unreadable: { file: string }[] };
    expect(report.unreadable).toMatchObject([{ file: garbage }]);
    expect(report.examined).toHaveLength(1);
  });

  it("is 2 for wrong usage and for a policy that is none", () => {
    const policy = join(folder, "policy.json");
    writeFileSync(policy, '{"cpus": 3}');
    expect(runDoctor(["--format", "pdf", good]).status).toBe(2);
    expect(runDoctor([]).status).toBe(2);
    const refused = runDoctor([good, "--policy", policy]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("policy.schema.json");
  });

  it("is 3 where nobody gets the report, since the disk behind it is full", () => {
    const wrapper = ["bash", "-c", 'exec "$@" > /dev/full', "bash"];
    const { status, stderr } = runDoctor([good], { wrapper });
    expect(stderr).toMatch(/^error: standard output cannot be written: ENOSPC/);
    expect(status).toBe(3);
  });

  it("is 1 where the policy asks for what the library is not", () => {
    const policy = join(folder, "s390x.json");
    writeFileSync(policy, '{"cpu": "s390x"}');
    const { status, stdout } = runDoctor([good, "--policy", policy]);
    expect(status).toBe(1);
    expect(stdout).toContain("file-target");
  });

  it("is 0 where nothing is found", () => {
    const { status, stdout } = runDoctor([good]);
    expect(stdout).toContain("in 0 packages and 1 library");
    expect(status).toBe(0);
  });
});

describe("a folder without libraries", () => {
  it.each(["table", "json", "sarif", "markdown", "html"])("is said to have none, as %s", (format) => {
    const empty = mkdtempSync(join(folder, "empty-"));
    const { status, stdout } = runDoctor([empty, "--format", format]);
    expect(stdout).toMatch(/nothing found in 1 package and 0 libraries; no library was examined/i);
    expect(status).toBe(0);
    if (format !== "json") return;
    const validate = new Ajv2020({ allErrors: true }).compile(reportSchema);
    expect(validate(JSON.parse(stdout)), JSON.stringify(validate.errors)).toBe(true);
  });
});

describe("JSON of a plain file", () => {
  it("has the member of every entry: null", () => {
    const key = join(mkdtempSync(join(folder, "key-")), "libfixture.so");
    // In two parts, so that no scanner takes this file for a leak.
    writeFileSync(
      key,
      Buffer.concat([readFileSync(good), Buffer.from(["AKIA", "IOSFODNN7EXAMPLE\0"].join(""))]),
    );
    const { stdout } = runDoctor([key, "--format", "json"]);
    const report = JSON.parse(stdout) as { findings: unknown[]; examined: unknown[] };
    const validate = new Ajv2020({ allErrors: true }).compile(reportSchema);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.findings).toMatchObject([{ gate: "credentials", file: key, member: null }]);
    expect(report.examined).toMatchObject([{ file: key, member: null }]);
  });
});

describe.skipIf(wheel === undefined)("a wheel that needs a newer macOS than its tag says", () => {
  const paths = [wheel ?? ""];

  it("is told in the table, without colour where no terminal is", () => {
    const { status, stdout } = runDoctor(paths);
    expect(status).toBe(1);
    expect(stdout).toContain("✗ error  wheel-minimum-os");
    expect(stdout).toContain("10.13, tag macosx_10_9_universal2");
    expect(stdout).not.toContain("\u001b");
  });

  it("gives JSON of the published schema", async () => {
    const { status, stdout } = runDoctor([...paths, "--format", "json"]);
    expect(status).toBe(1);
    const validate = new Ajv2020({ allErrors: true }).compile(reportSchema);
    expect(validate(JSON.parse(stdout)), JSON.stringify(validate.errors)).toBe(true);
    expect(stdout).toBe(formatJson(await examinePaths(paths, {})));
  });

  it("gives SARIF that the official schema takes, with all gates as rules", async () => {
    const { stdout } = runDoctor([...paths, join(folder, "none"), "--format", "sarif"]);
    // The official schema is of draft 4; what it uses of it means the same in draft 7.
    const schema: Record<string, unknown> = { ...sarifSchema, $schema: undefined, id: undefined };
    const validate = new Ajv({
      strict: false,
      unicodeRegExp: false,
      validateFormats: false,
      allErrors: true,
    }).compile(schema);
    const log = JSON.parse(stdout) as { runs: { results: { ruleId: string }[] }[] };
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...log, version: "3" })).toBe(false);
    expect(log.runs[0]?.results.map(({ ruleId }) => ruleId)).toContain("wheel-minimum-os");
    const report = await examinePaths(paths, {});
    expect(formatSarif(report, [...packageGates, ...gates], folder)).toContain('"id": "elf-soname"');
  });

  it("gives one page without scripts or anything from a network", () => {
    const page = join(folder, "page.html");
    expect(runDoctor([...paths, "--format", "html", "--output", page]).status).toBe(1);
    const text = readFileSync(page, "utf8");
    expect(text).toContain("wheel-minimum-os");
    expect(text).toContain('name="viewport"');
    expect(text).not.toMatch(/<script|src=|url\(|@import|<link/);
  });

  it("gives Markdown", () => {
    const { stdout } = runDoctor([...paths, "--format", "markdown"]);
    expect(stdout).toContain("## error: wheel-minimum-os");
    expect(stdout).toContain("`10.13, tag macosx_10_9_universal2`");
  });
});
