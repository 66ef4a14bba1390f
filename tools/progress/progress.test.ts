// The renderers of progress: lines for logs, a live tree for terminals, JSON for programs.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProgressEvent } from "../shared/progress.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { jsonProgress } from "./json-lines.ts";
import { annotation, groupedProgress } from "./github-actions.ts";
import { describe as describeEvent, lineProgress } from "./lines.ts";
import { treeProgress } from "./tree.ts";

const triple = "x86_64-unknown-linux-gnu";
const started: ProgressEvent = { type: "step-started", triple, step: "build" };
const line: ProgressEvent = { type: "step-line", triple, step: "build", line: "Compiling x" };
const failed: ProgressEvent = {
  type: "step-finished",
  triple,
  step: "build",
  ok: false,
  seconds: 61.26,
  reused: false,
  detail: "no",
};
const ended: ProgressEvent = { type: "target-finished", triple, ok: false, seconds: 62 };

describe("lines", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("show starts, ends and fetches, not the output in between", () => {
    const lines: string[] = [];
    const progress = lineProgress((text) => lines.push(text));
    const fetched: ProgressEvent = { type: "fetch", what: "zig", bytes: 93_500_000, into: "/cache" };
    progress.emit(started);
    vi.advanceTimersByTime(300);
    for (const event of [line, failed, fetched]) progress.emit(event);
    expect(lines.map((text) => text.replace(/^\[.*?\] /, ""))).toEqual([
      `${triple} build ...`,
      `${triple} build FAILED in 1 min 1 s: no`,
      "fetching zig, 93.5 MB, into /cache",
    ]);
  });
});

describe("lines of a quick step", () => {
  it("tell its end only", () => {
    const lines: string[] = [];
    const progress = lineProgress((text) => lines.push(text));
    progress.emit(started);
    progress.emit({ ...failed, ok: true, seconds: 0.1 });
    expect(lines).toHaveLength(1);
  });
});

describe("lines of a step that was not run", () => {
  it("say so instead of a time", () => {
    expect(describeEvent({ ...failed, ok: true, reused: true })).toBe(`${triple} build unchanged: no`);
  });
});

describe("GitHub Actions", () => {
  it("gets the output of a step in one closed group, whatever runs beside it", () => {
    const lines: string[] = [];
    const progress = groupedProgress(
      lineProgress((text) => lines.push(text.replace(/^\[.*?\] /, ""))),
      (text) => lines.push(text),
    );
    progress.emit(line);
    progress.emit({ ...line, triple: "other" });
    progress.emit({ ...line, line: "::error::planted by a build script" });
    progress.emit(failed);
    expect(lines).toEqual([
      `${triple} build FAILED in 1 min 1 s: no`,
      `::group::output of ${triple} build`,
      "Compiling x",
      " : :error: :planted by a build script",
      "::endgroup::",
    ]);
  });

  it("gets an annotation at the place, in one line, with nothing that could end it early", () => {
    const text = annotation({
      ...{
        level: "error",
        title: "a: b, c",
        message: "one\ntwo 100%",
        file: "src/lib.rs",
        line: 3,
        column: 5,
      },
    });
    expect(text).toBe("::error file=src/lib.rs,line=3,col=5,title=a%3A b%2C c::one%0Atwo 100%25");
  });
});

describe("JSON", () => {
  it("is one object a line, as it came", () => {
    const lines: string[] = [];
    jsonProgress((text) => lines.push(text)).emit(failed);
    expect(JSON.parse(lines[0] ?? "")).toEqual(failed);
  });
});

describe("the tree", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("shows a running step with its time and last line, and erases it at the end", () => {
    let screen = "";
    let now = 0;
    const tree = treeProgress({ columns: 200, write: (text) => (screen += text) }, () => now);
    tree.emit(started);
    tree.emit(line);
    now = 2500;
    vi.advanceTimersByTime(200);
    expect(screen).toContain(`└─ ${triple}  build  2.5 s  Compiling x\n`);
    tree.close();
    expect(screen.endsWith("\x1b[2A\x1b[0J")).toBe(true);
  });

  it("shows how far the run is, and what is left by the last run's times", () => {
    let screen = "";
    let now = 0;
    const tree = treeProgress({ columns: 200, write: (text) => (screen += text) }, () => now);
    const triples = [triple, "other", "third", "fourth"];
    tree.emit({ type: "run-started", triples, jobs: 4, parallel: 2, expectedSeconds: 100 });
    tree.emit({ type: "step-started", triple: "other", step: "build", expectedSeconds: 20 });
    tree.emit({ ...started, expectedSeconds: 30 });
    now = 30_000;
    tree.emit({ ...ended, ok: true });
    vi.advanceTimersByTime(200);
    expect(screen).toContain("[█████░░░░░░░░░░░░░░░] 1 of 4 targets  30.0 s, about 1 min 10 s left\n");
    expect(screen).toContain("└─ other  build  30.0 s of ~20.0 s\n");
    now = 120_000;
    vi.advanceTimersByTime(200);
    expect(screen).toContain("longer than the last time");
    tree.close();
  });

  it("keeps a failure on the screen and drops the target from the live lines", () => {
    let screen = "";
    const tree = treeProgress({ columns: 200, write: (text) => (screen += text) }, () => 0);
    tree.emit(started);
    tree.emit(failed);
    tree.emit(ended);
    const mark = screen.length;
    vi.advanceTimersByTime(200);
    expect(screen).toContain("FAILED in 1 min 1 s: no\n");
    expect(screen).toContain(`✗ ${triple}  1 min 2 s\n`);
    expect(screen.slice(mark)).toBe("");
    tree.close();
  });

  it("never writes a line that would wrap", () => {
    let screen = "";
    const tree = treeProgress({ columns: 40, write: (text) => (screen += text) }, () => 0);
    tree.emit(started);
    tree.emit({ ...line, line: "x".repeat(500) });
    vi.advanceTimersByTime(200);
    for (const text of screen.split("\n"))
      expect(text.replaceAll(/\x1b\[\d+[AJ]/g, "").length).toBeLessThan(40);
    tree.close();
  });
});

describe("numbers", () => {
  it.each([
    [0.04, "0.0 s"],
    [59.9, "59.9 s"],
    [125, "2 min 5 s"],
  ])("%f seconds are %s", (seconds, expected) => expect(formatSeconds(seconds)).toBe(expected));

  it.each([
    [1_000, "1 kB"],
    [2_345_678, "2.3 MB"],
  ])("%i bytes are %s", (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));
});
