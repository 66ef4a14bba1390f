// Writes SHA256SUMS beside the packages of a run, in the form that `sha256sum --check` reads.
import { join } from "node:path";
import { writeWholeFile } from "../shared/whole-file.ts";
import type { PackageFile } from "./package.ts";

/** Path of the file; each package once, by name. Packages of earlier runs are not listed. */
export async function writeChecksums(packages: readonly PackageFile[], directory: string): Promise<string> {
  const digests = new Map(packages.map(({ fileName, sha256 }) => [fileName, sha256]));
  const lines = [...digests].sort(([left], [right]) => (left < right ? -1 : 1));
  const path = join(directory, "SHA256SUMS");
  await writeWholeFile(path, lines.map(([name, digest]) => `${digest}  ${name}\n`).join(""));
  return path;
}
