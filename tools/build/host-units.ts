// Lends what cargo compiles for the building machine itself (macros, build scripts) from target to target: it is the same for all of them.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sha256Of } from "../shared/digest.ts";

/** Where cargo keeps them in a target directory, whatever the target is. */
const unitsOfHost = "release";

/** What cargo holds such units against beside their sources. */
export interface HostCompilation {
  /** First line of rustc --version. */
  readonly compiler: string;
  /** Where the host is the target, too, the target's linker makes macros and build scripts. */
  readonly linker: string | undefined;
  /** Set where a std is built: build scripts ask for it, to learn which features of the compiler there are. */
  readonly bootstrap: string | undefined;
}

/** The folder below `work` for the units that one compilation makes of the crates of one lock file. */
export async function hostUnitsFolder(
  work: string,
  { compiler, linker = "", bootstrap = "" }: HostCompilation,
  lockFile: string,
): Promise<string> {
  const lock = await readFile(lockFile, "utf8").catch(() => "");
  const compilation = sha256Of(JSON.stringify([compiler, linker, bootstrap]));
  const name = `${compilation.slice(0, 8)}-${sha256Of(lock).slice(0, 16)}`;
  return join(work, "host-units", name);
}

/**
 * Before cargo: a target directory that has no such units gets the ones at `lent`. cargo holds each of them against its own
 * fingerprint, so that what does not fit is compiled after all.
 */
export async function lendHostUnits(lent: string, targetDirectory: string): Promise<void> {
  const units = join(targetDirectory, unitsOfHost);
  if (existsSync(lent) && !existsSync(units)) await copyWhole(lent, units);
}

/** After cargo: the first target that has the units leaves them at `lent`, in the place of those of an older lock file. */
export async function keepHostUnits(targetDirectory: string, lent: string): Promise<void> {
  const units = join(targetDirectory, unitsOfHost);
  if (!existsSync(units) || existsSync(lent)) return;
  await copyWhole(units, lent);
  const [compilation = ""] = basename(lent).split("-");
  for (const name of await readdir(dirname(lent)))
    if (name.startsWith(`${compilation}-`) && !name.startsWith(basename(lent)))
      await rm(join(dirname(lent), name), { recursive: true, force: true });
}

/** Under the last name only when it is complete: an interrupted copy is never taken for the units. */
async function copyWhole(from: string, to: string): Promise<void> {
  const unfinished = `${to}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await mkdir(dirname(to), { recursive: true });
  try {
    // cargo compares times of files: a copy that is younger than its source would be compiled again.
    await cp(from, unfinished, { recursive: true, preserveTimestamps: true });
    await rename(unfinished, to);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another target was first.
    if (!existsSync(to)) throw error;
  }
}
