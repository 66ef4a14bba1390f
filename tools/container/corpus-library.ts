// Takes one library out of a package of the corpus, for tests that need an artifact that was not built here.
import { corpusFile, packageOf } from "../inspect/corpus-cache.ts";
import { ToolError } from "../shared/errors.ts";
import { openContainer } from "./open.ts";

/** The bytes of a member; undefined where the package has not been fetched. */
export async function corpusLibrary(id: string, member: string): Promise<Buffer | undefined> {
  const path = corpusFile(id);
  if (path === undefined) return undefined;
  const container = await openContainer(path);
  for await (const entry of container.entries())
    if (entry.type === "member" && entry.name === member) return Buffer.from(await entry.read());
  throw new ToolError({
    code: "unknown-corpus-member",
    family: "usage",
    message: `${packageOf(id).file} has no member ${member}`,
    remedy: "name a member of the package as its archive lists it",
  });
}
