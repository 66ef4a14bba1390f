// The renderers of progress: lines for logs, a live tree for terminals, JSON for programs.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProgressEvent } from "../shared/progress.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { jsonProgress } from "./json-lines.ts";
import { lineProgress } from "./lines.ts";
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
  detail: "no",
};

describe("lines", () => {
  it("show starts, ends and fetches, not the output in between", () => {
    const lines: string[] = [];
    const progress = lineProgress((text) => lines.push(text));
    const fetched: ProgressEvent = { type: "fetch", what: "zig", bytes: 93_500_000, into: "/cache" };
    for (const event of [started, line, failed, fetched]) progress.emit(event);
    expect(lines.map((text) => text.replace(/^\[.*?\] /, ""))).toEqual([
      `${triple} build ...`,
      `${triple} build FAILED in 1 min 1 s: no`,
      "fetching zig, 93.5 MB, into /cache",
    ]);
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
    expect(screen).toContain(`${triple} build 2.5 s  Compiling x\n`);
    tree.close();
    expect(screen.endsWith("\x1b[1A\x1b[0J")).toBe(true);
  });

  it("keeps a failure on the screen and drops the target from the live lines", () => {
    let screen = "";
    const tree = treeProgress({ columns: 200, write: (text) => (screen += text) }, () => 0);
    tree.emit(started);
    tree.emit(failed);
    const mark = screen.length;
    vi.advanceTimersByTime(200);
    expect(screen).toContain("FAILED in 1 min 1 s: no\n");
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
