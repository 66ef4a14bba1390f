// Writes a file so that a reader sees the old content or the new one, never half of one.
import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/**
 * An interrupted write leaves a file with another ending, which no later step takes for the real one. A link stays a
 * link; a device or a pipe is written to, since a file in its place would take it away from everybody.
 */
export async function writeWholeFile(named: string, content: Uint8Array | string): Promise<void> {
  const path = await realpath(named).catch(() => named);
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile() && !found.isDirectory()) {
    await writeFile(path, content);
    return;
  }
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
