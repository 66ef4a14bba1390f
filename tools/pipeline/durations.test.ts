// Estimates: what a step took the last time, and how long so many targets take side by side.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedDurations, type StoredDurations } from "./durations.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "durations-"));
  file = join(folder, "cache", "durations.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(kind = "release"): StoredDurations {
  return storedDurations(file, kind);
}

function remember(times: Readonly<Record<string, number>>, kind?: string): void {
  const durations = open(kind);
  for (const [triple, seconds] of Object.entries(times)) durations.record(triple, "build", seconds);
  durations.save();
}

describe("durations", () => {
  it("are there in the next run, each kind for itself", () => {
    remember({ a: 10 });
    expect(open().expected("a", "build")).toBe(10);
    expect(open().expected("a", "smoke")).toBeUndefined();
    expect(open("quick").expected("a", "build")).toBeUndefined();
  });

  it("of two runs side by side are both kept", () => {
    const [one, two] = [open(), open()];
    one.record("a", "build", 1);
    two.record("b", "build", 2);
    one.save();
    two.save();
    expect([open().expected("a", "build"), open().expected("b", "build")]).toEqual([1, 2]);
  });

  it("estimate a run as the pool does it: the next target goes to who is free first", () => {
    remember({ a: 10, b: 4, c: 4, d: 4 });
    expect(open().expectedRun(["a", "b", "c", "d"], ["build"], 2)).toBe(12);
    expect(open().expectedRun(["a", "b", "c", "d"], ["build"], 1)).toBe(22);
  });

  it("estimate nothing where a target has never run", () => {
    remember({ a: 10 });
    expect(open().expectedRun(["a", "new"], ["build"], 1)).toBeUndefined();
  });

  it("start empty from a damaged file, and cost nothing where they cannot be written", () => {
    remember({ a: 10 });
    writeFileSync(file, '{"release a build": "soon"');
    expect(open().expected("a", "build")).toBeUndefined();
    const nowhere = storedDurations(join(file, "below a file", "x.json"), "release");
    nowhere.record("a", "build", 1);
    expect(() => nowhere.save()).not.toThrow();
  });
});
