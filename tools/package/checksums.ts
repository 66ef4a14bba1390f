// Writes SHA256SUMS beside the packages of a run, in the form that `sha256sum --check` reads.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PackageFile } from "./package.ts";

/** Path of the file; each package once, by name. Packages of earlier runs are not listed. */
export async function writeChecksums(packages: readonly PackageFile[], directory: string): Promise<string> {
  const digests = new Map(packages.map(({ fileName, sha256 }) => [fileName, sha256]));
  const lines = [...digests].sort(([left], [right]) => (left < right ? -1 : 1));
  const path = join(directory, "SHA256SUMS");
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, lines.map(([name, digest]) => `${digest}  ${name}\n`).join(""));
  await rename(unfinished, path);
  return path;
}
