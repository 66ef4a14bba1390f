// The whole doctor on single files: each broken property is found by its gate alone, ours and other people's alike.
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { corpusLibrary } from "../container/corpus-library.ts";
import { corpusFile, fetchCommand } from "../inspect/corpus-cache.ts";
import { examine } from "./examine.ts";
import { fixturesFolder } from "./mutation/fixture-artifact.ts";
import type { ExaminedMutation, Origin } from "./mutation/examined-mutation.ts";
import { looseMutations } from "./mutation/loose-mutations.ts";

const folder = mkdtempSync(join(tmpdir(), "examine-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("mutations", () => {
  for (const [index, mutation] of looseMutations.entries()) {
    const { gate, breaks, origin } = mutation;
    const place = join(folder, String(index));
    test.skipIf(isMissing(origin))(`${gate} alone reports that ${breaks} (${nameOf(origin)})`, () =>
      proves(mutation, place),
    );
  }
});

async function proves(mutation: ExaminedMutation, place: string): Promise<void> {
  mkdirSync(place);
  const path = join(place, mutation.fileName ?? basename(nameOf(mutation.origin)));
  const original = await bytesOf(mutation.origin);
  writeFileSync(path, original);
  const before = (await examine(path, mutation.policy)).findings.map(({ gate }) => gate);
  expect(before).not.toContain(mutation.gate);

  const { bytes, evidence } = mutation.apply(Buffer.from(original));
  expect(bytes.equals(original)).toBe(false);
  writeFileSync(path, bytes);
  const { findings } = await examine(path, mutation.policy);

  const added = findings.filter(({ gate }) => !before.includes(gate));
  expect([...new Set(added.map(({ gate }) => gate))]).toEqual([mutation.gate]);
  expect(added[0]).toMatchObject({ file: path, evidence });
}

async function bytesOf(origin: Origin): Promise<Buffer> {
  if ("make" in origin) return origin.make();
  if ("fixture" in origin) return readFileSync(join(fixturesFolder, origin.fixture));
  const bytes = await corpusLibrary(origin.corpus, origin.member);
  if (bytes === undefined) throw new Error(`${origin.corpus} is not here; fetch it with: ${fetchCommand}`);
  return bytes;
}

/** Without the corpus its mutations are skipped, unless skips are forbidden; then they fail and name the remedy. */
function isMissing(origin: Origin): boolean {
  if (process.env["FORBID_SKIPS"] === "1" || !("corpus" in origin)) return false;
  const path = corpusFile(origin.corpus);
  return path === undefined || !existsSync(path);
}

function nameOf(origin: Origin): string {
  if ("make" in origin) return origin.name;
  return "fixture" in origin ? origin.fixture : `${origin.corpus}/${origin.member}`;
}
