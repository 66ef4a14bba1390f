// Reads a built library for packing, and refuses one that is not the file that was inspected.
import { readFile } from "node:fs/promises";
import type { BuiltLibrary } from "../build/artifact.ts";
import { ToolError } from "../shared/errors.ts";
import { sha256Of } from "../shared/digest.ts";

export async function readLibrary(library: BuiltLibrary): Promise<Uint8Array> {
  const bytes = await readFile(library.path);
  if (sha256Of(bytes) === library.sha256) return bytes;
  throw new ToolError({
    code: "library-changed",
    family: "finding",
    message: `${library.path} is not the file that was built: its SHA-256 differs from the one of the build`,
    remedy: "build the target again",
  });
}
