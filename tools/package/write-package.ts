// Puts a finished package in its folder: whole or not at all, with its digest.
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { sha256Of } from "./digest.ts";
import type { PackageFile } from "./package.ts";

export interface PackageContent {
  readonly kind: PackageFile["kind"];
  readonly target?: Target;
  readonly fileName: string;
  readonly content: Uint8Array;
}

/** An interrupted write leaves a file with another ending, which no later step takes for a package. */
export async function writePackage(directory: string, item: PackageContent): Promise<PackageFile> {
  const { content, ...facts } = item;
  const path = join(directory, item.fileName);
  const unfinished = `${path}.${process.pid}.unfinished`;
  await mkdir(directory, { recursive: true });
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return { ...facts, path, bytes: content.length, sha256: sha256Of(content) };
}
