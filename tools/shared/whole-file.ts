// Writes a file so that a reader sees the old content or the new one, never half of one.
import { rename, rm, writeFile } from "node:fs/promises";

/** An interrupted write leaves a file with another ending, which no later step takes for the real one. */
export async function writeWholeFile(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
