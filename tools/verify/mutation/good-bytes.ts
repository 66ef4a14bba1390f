// The good file that a mutation begins with: a fixture, a member of a foreign package, or one that is made.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { corpusLibrary } from "../../container/corpus-library.ts";
import { fetchCommand } from "../../inspect/corpus-cache.ts";
import type { Origin } from "./examined-mutation.ts";
import { fixturesFolder } from "./fixture-artifact.ts";

/** A copy that may be changed freely. */
export async function goodBytes(origin: Origin): Promise<Buffer> {
  if ("make" in origin) return origin.make();
  if ("fixture" in origin) return readFileSync(join(fixturesFolder, origin.fixture));
  const bytes = await memberOf(origin.corpus, origin.member);
  if (bytes === undefined) throw new Error(`${origin.corpus} is not here; fetch it with: ${fetchCommand}`);
  return Buffer.from(bytes);
}

const known = new Map<string, Promise<Buffer | undefined>>();

/** Unpacking a package is the slow part, and many mutations begin with the same library. */
function memberOf(corpus: string, member: string): Promise<Buffer | undefined> {
  const key = `${corpus}/${member}`;
  const found = known.get(key) ?? corpusLibrary(corpus, member);
  known.set(key, found);
  return found;
}
