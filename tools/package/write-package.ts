// Puts a finished package in its folder: whole or not at all, with its digest.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { sha256Of } from "../shared/digest.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import type { PackageFile } from "./package.ts";

export interface PackageContent {
  readonly kind: PackageFile["kind"];
  readonly target?: Target;
  readonly fileName: string;
  readonly content: Uint8Array;
}

export async function writePackage(directory: string, item: PackageContent): Promise<PackageFile> {
  const { content, ...facts } = item;
  const path = join(directory, item.fileName);
  await mkdir(directory, { recursive: true });
  await writeWholeFile(path, content);
  return { ...facts, path, bytes: content.length, sha256: sha256Of(content) };
}
