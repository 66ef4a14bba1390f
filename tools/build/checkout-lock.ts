// One run at a time in a checkout: a lock file that names its owner and dies with it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError } from "../shared/errors.ts";

export interface CheckoutLock {
  release(): void;
}

export function lockCheckout(path: string): CheckoutLock {
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    if (tryCreate(path)) return { release: () => rmSync(path, { force: true }) };
    const owner = ownerOf(path);
    if (owner !== undefined && isAlive(owner)) throw busy(path, owner);
    // Its owner was killed; what it left unfinished is known by the missing record.
    rmSync(path, { force: true });
  }
  throw busy(path, ownerOf(path) ?? 0);
}

function tryCreate(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function ownerOf(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function busy(path: string, pid: number): ToolError {
  return new ToolError({
    code: "checkout-busy",
    family: "environment",
    message: `another run (process ${pid}) is building in this checkout`,
    remedy: `wait for it to end, or stop it; the lock is ${path}`,
  });
}
