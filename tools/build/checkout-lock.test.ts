// The lock of a checkout: one run at a time, and a killed owner blocks nobody.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockCheckout } from "./checkout-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("lockCheckout", () => {
  it("refuses a second run and names the first", () => {
    const path = join(folder, "work", "lock");
    const lock = lockCheckout(path);
    expect(() => lockCheckout(path)).toThrow(`another run (process ${process.pid})`);
    lock.release();
    expect(existsSync(path)).toBe(false);
    lockCheckout(path).release();
  });

  it("is taken over from an owner that is dead", () => {
    const path = join(folder, "lock");
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(path, `${dead}\n`);
    lockCheckout(path).release();
  });

  it("is taken over when nobody's name stands in it", () => {
    const path = join(folder, "lock");
    writeFileSync(path, "");
    lockCheckout(path).release();
  });
});
