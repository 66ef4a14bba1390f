// Packages of the registries get the verdict that was recorded, and each error among them is a known trap.
import { beforeAll, describe, expect, it } from "vitest";
import { corpusFile, corpusPackages, fetchCommand } from "../inspect/corpus-cache.ts";
import { knownTraps } from "./corpus-traps.ts";
import { corpusVerdicts, type CorpusVerdicts } from "./corpus-verdicts.ts";
import recorded from "./corpus-verdicts.json" with { type: "json" };

const updateCommand = "npx tsx tools/doctor/corpus-record.ts";
const record: CorpusVerdicts = recorded;
const missing = corpusPackages.filter(({ id }) => corpusFile(id) === undefined);
if (missing.length > 0 && process.env["FORBID_SKIPS"] === "1")
  throw new Error(`${missing.length} packages of the corpus are missing: ${fetchCommand}`);

describe.skipIf(missing.length > 0)(`a foreign package (${fetchCommand})`, () => {
  let verdicts: CorpusVerdicts;
  beforeAll(async () => {
    verdicts = await corpusVerdicts();
  }, 600_000);

  it.each(corpusPackages)(`$id gets the recorded verdict (else ${updateCommand})`, ({ id }) => {
    expect(verdicts[id]).toEqual(record[id]);
  });

  it.each(corpusPackages)("$id has no error that is not a true trap", ({ id }) => {
    const lines = Object.keys(verdicts[id]?.errors ?? {});
    const gates = new Set(lines.map((line) => line.slice(0, line.indexOf(":"))));
    const explained = knownTraps.filter((trap) => trap.id === id).map(({ gate }) => gate);
    expect([...gates].sort()).toEqual(explained.sort());
  });
});

it("the record has the packages of the corpus and no others", () => {
  expect(Object.keys(record).sort()).toEqual(corpusPackages.map(({ id }) => id).sort());
});
