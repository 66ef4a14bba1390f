// Facts about the report: what every form says, and that no text of a build can break the page.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { Finding } from "../verify/finding.ts";
import { markdownReport } from "./markdown.ts";
import { mergeReports } from "./merge-reports.ts";
import { reportPage } from "./page.ts";
import { readPreviousRelease } from "./previous-release.ts";
import type { LinkTest } from "../smoke/verification.ts";
import type { RunReport, TargetReport } from "./run-report.ts";
import { writeReport, type WrittenReport } from "./write-report.ts";

let folder: string;
let written: WrittenReport;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
  written = await writeReport(sample(), folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

it("is three files and nothing half-written", () => {
  expect(readdirSync(folder).sort()).toEqual(["index.html", "report.json", "report.md"]);
});

it("is one page that needs no network and no script", () => {
  const page = readFileSync(written.html, "utf8");
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
  expect(page).toContain('name="viewport"');
  expect(page).toContain("prefers-color-scheme: dark");
});

it("shows a run with its command, exit code and the digest of the library", () => {
  const page = readFileSync(written.html, "utf8");
  for (const text of ["emulated", "qemu-aarch64-static -L", "exit code 0", "d".repeat(64)])
    expect(page).toContain(text);
});

it("escapes what builds print", () => {
  const page = readFileSync(written.html, "utf8");
  expect(page).not.toContain("<b>ld");
  expect(page).toContain("&#60;b&#62;ld: &#38;quot");
});

it("names what cannot be built or run here, with the line that changes that, in every form", () => {
  for (const path of [written.html, written.markdown, written.json]) {
    const text = readFileSync(path, "utf8");
    expect(text).toContain("rustup target add");
    expect(text).toContain("apt-get install wine");
  }
});

it("says on its first screen that what was linked over stubs is not for release", () => {
  const run = sized(1, []);
  const [target] = run.targets;
  if (target?.artifact === undefined) throw new Error("the sample has an artifact");
  const { artifact } = target;
  const provenance = { ...artifact.provenance, sysroot: "stub" } as const;
  const overStubs = { ...run, targets: [{ ...target, artifact: { ...artifact, provenance } }] };
  for (const form of [reportPage, markdownReport]) {
    expect(form(overStubs)).toContain("Not for release: 1 target is linked over stubs");
    expect(form(run)).not.toContain("Not for release");
  }
});

it("counts a failed target as failed in the table", () => {
  const table = readFileSync(written.markdown, "utf8");
  expect(table).toContain("1 targets passed, 1 failed, 1 cannot be built here");
  expect(table).toMatch(/\| `i686-unknown-linux-gnu` \| ✗ \|/);
});

it("shows a rule that breaks in many members once, with the first places and how many more", () => {
  const page = readFileSync(written.html, "utf8");
  expect(page.match(/elf-soname/g)).toHaveLength(1);
  expect(page).toContain("member-3.o, dynamic at 3: none");
  expect(page).not.toContain("member-4.o");
  expect(page).toContain("and 3 more places");
});

it("is what its published schema says", () => {
  const schemas = join(import.meta.dirname, "schema");
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  for (const name of readdirSync(schemas))
    ajv.addSchema(JSON.parse(readFileSync(join(schemas, name), "utf8")) as object);
  const validate = ajv.getSchema("run-report.schema.json");
  expect(validate?.(JSON.parse(readFileSync(written.json, "utf8"))), ajv.errorsText(validate?.errors)).toBe(
    true,
  );
});

it("reads back as the run it was made of", () => {
  expect(JSON.parse(readFileSync(written.json, "utf8"))).toEqual(sample());
});

describe("against the previous release", () => {
  it("shows what grew, what shrank, and which symbols came or went", async () => {
    const before = structuredClone(sized(1_000_000, ["demo_close", "demo_open"]));
    const file = join(folder, "previous.json");
    writeFileSync(file, JSON.stringify(before));
    const previous = await readPreviousRelease(file);
    rmSync(file);
    const page = reportPage({ ...sized(1_250_000, ["demo_new", "demo_open"]), previous });
    expect(page).toMatch(/class="failed">\+250 kB</);
    expect(page).toContain("added: <code>demo_new</code>");
    expect(page).toContain("removed: <code>demo_close</code>");
  });

  it.each([
    ["{", "is no JSON"],
    ['{"targets": 1}', "is no report of a run"],
  ])("refuses %j as a report", async (text, problem) => {
    const file = join(folder, "bad.json");
    writeFileSync(file, text);
    await expect(readPreviousRelease(file)).rejects.toThrow(problem);
    rmSync(file);
  });
});

it("a report compares the sizes with std from elsewhere, where a folder has held both", async () => {
  const run = sized(6_000_000, []);
  const [report] = run.targets;
  if (report?.artifact === undefined) throw new Error("no artifact");
  const libraries = [{ kind: "dynamic", bytes: 12_000_000 }] as const;
  const otherStd = { std: "build-std", gitCommit: "c", libraries } as const;
  const measured = { ...run, targets: [{ ...report, artifact: { ...report.artifact, otherStd } }] };
  const text = "dynamic 6.00 MB with std installed, 12.00 MB with build-std (-50 %)";
  expect(markdownReport(measured)).toContain(`- \`aarch64-unknown-linux-gnu\`: ${text}`);
  expect(markdownReport(run)).not.toContain("with std");
  const folder = mkdtempSync(join(tmpdir(), "std-"));
  await writeReport(measured, folder);
  expect(readFileSync(join(folder, "index.html"), "utf8")).toContain(text);
  rmSync(folder, { recursive: true });
});

describe("reports of several runs", () => {
  it("become one with each target once, the later run's", () => {
    const [first, second] = [sample(), { ...sample(), targets: [{ ...failed(), reason: "later" }] }];
    const merged = mergeReports([first, second]);
    expect(merged.targets.map(({ target }) => target.triple)).toEqual(
      first.targets.map(({ target }) => target.triple),
    );
    expect(merged.targets[1]?.reason).toBe("later");
    expect(merged.seconds).toBe(24);
  });

  it("of different versions or commits do not become one", () => {
    const other = { ...sample(), gitCommit: "f".repeat(40) };
    expect(() => mergeReports([sample(), other])).toThrow("different commits");
  });
});

/** A run whose one library has this size and offers these symbols. */
function sized(bytes: number, exports: readonly string[]): RunReport {
  const triple = "aarch64-unknown-linux-gnu";
  const file = { fileName: "libdemo.so", bytes, sha256: "d".repeat(64) };
  const provenance = {
    ...({
      rustc: "r",
      std: "installed",
      linker: "l",
      cCompiler: "c",
      sysroot: "zig",
      profile: "release",
    } as const),
    ...{ gitCommit: "c", nativeStaticLibraries: [] },
  };
  const { target } = basis(triple);
  const artifact = {
    ...{ target, directory: "/a", provenance },
    libraries: [{ ...file, kind: "dynamic", path: "/a/libdemo.so" }],
  } as const;
  const libraries = [{ ...file, parts: [{ format: "elf", cpu: "aarch64", exports, dependencies: [] }] }];
  return { ...sample(), targets: [{ ...basis(triple), artifact, libraries }] };
}

function sample(): RunReport {
  return {
    project: { name: "demo", version: "1.2.3" },
    gitCommit: "0123456789abcdef",
    startedAt: "2026-01-02T03:04:05Z",
    seconds: 12,
    host: "linux x64",
    tools: [{ name: "zig", version: "0.15.2", from: "wheel" }],
    packages: [],
    links: [link("aarch64-apple-ios")],
    targets: [passed(), failed(), missing()],
  };
}

function passed(): TargetReport {
  return {
    ...basis("aarch64-unknown-linux-gnu"),
    steps: [{ step: "build", ok: true, seconds: 3, reused: false, detail: "2 libraries" }],
    verification: {
      triple: "aarch64-unknown-linux-gnu",
      claim: "emulated",
      libraries: [{ kind: "dynamic", claim: "emulated" }],
      archiveSha256: "a".repeat(64),
      links: [],
      skipped: [{ client: "node", reason: "no Wine", remedy: "apt-get install wine" }],
      limits: [{ subject: "glibc 2.17", reason: "no registry holds a system that old" }],
      runs: [
        {
          client: "c-dynamic",
          claim: "emulated",
          runner: "qemu-aarch64 version 7.2.22",
          libraries: "glibc for aarch64",
          ok: true,
          argv: ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu", "client"],
          exitCode: 0,
          timedOut: false,
          durationMs: 1200,
          library: { path: "/tmp/x/libdemo.so", sha256: "d".repeat(64) },
          passed: 21,
          failed: 0,
        },
      ],
    },
  };
}

function link(slice: string): LinkTest {
  const linked = {
    client: "c-static",
    ok: true,
    argv: ["ld", "x.o"],
    compiler: "clang",
    durationMs: 90,
  } as const;
  return { ...linked, functions: 29, slice };
}

function manyFindings(): Finding[] {
  return Array.from({ length: 7 }, (_, index) => ({
    gate: "elf-soname",
    severity: "error",
    file: "libdemo.a",
    member: `member-${index}.o`,
    title: "no name",
    evidence: { section: "dynamic", offset: index, value: "none" },
    fix: "name it",
  }));
}

function failed(): TargetReport {
  return {
    ...basis("i686-unknown-linux-gnu"),
    steps: [{ step: "build", ok: false, seconds: 1, reused: false, detail: "link failed" }],
    findings: manyFindings(),
    failure: { code: "link", message: "<b>ld: &quot;no", remedy: "install it" },
  };
}

function missing(): TargetReport {
  const remedy = "rustup target add x86_64-pc-windows-msvc";
  return { ...basis("x86_64-pc-windows-msvc"), planned: false, reason: "no std", remedy };
}

function basis(triple: string): TargetReport {
  const target = targets.find((item) => item.triple === triple);
  if (target === undefined) throw new Error(triple);
  return { target, planned: true, reason: "zig", seconds: 4, steps: [], findings: [], packages: [] };
}
