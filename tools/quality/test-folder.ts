// One folder for all temporary files of a run of the TypeScript tests, removed when it ends, whatever became of its workers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepLeftovers } from "../shared/leftovers.ts";

/** Called by vitest before the first worker starts; what it returns is called after the last has ended. */
export async function setup(): Promise<() => void> {
  const parent = tmpdir();
  await sweepLeftovers(parent, /^nnrp-tests\.(\d+)\./);
  const folder = mkdtempSync(join(parent, `nnrp-tests.${process.pid}.`));
  // Workers, and the compilers and browsers that they start, put their files where this says.
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
