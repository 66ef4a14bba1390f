// Makes the folder of --output before anything is built for it in vain.
import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ToolError } from "../shared/errors.ts";

/**
 * Makes `folder`, an absolute path, with the folders above it, and sees that files can be made in it.
 *
 * @throws ToolError `unusable-output`: environment where this account may not, else usage
 */
export async function makeOutputFolder(folder: string): Promise<void> {
  try {
    for (const missing of await missingFolders(folder)) await mkdir(missing);
    await access(folder, constants.W_OK);
    if (!(await stat(folder)).isDirectory()) throw new Error("it is no folder");
  } catch (error) {
    throw unusable(folder, error);
  }
}

/**
 * Outermost first. They are made one by one because Node's recursive way never ends where a file system answers that a folder which is there is missing, as
 * /proc does.
 */
async function missingFolders(folder: string): Promise<readonly string[]> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  if (exists || dirname(folder) === folder) return [];
  return [...(await missingFolders(dirname(folder))), folder];
}

function unusable(folder: string, cause: unknown): ToolError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ToolError({
    code: "unusable-output",
    family: mayNot(cause) ? "environment" : "usage",
    message: `nothing can be written to --output ${folder}: ${reason}`,
    remedy: "name a folder that you may write to, on a disk with a few free gigabytes",
    cause,
  });
}

/** The folder is fine, for an account with more rights. */
function mayNot(cause: unknown): boolean {
  return cause instanceof Error && /^(EACCES|EPERM|EROFS)\b/.test(cause.message);
}
