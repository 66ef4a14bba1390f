// Good libraries pass every gate; each broken property is reported by its gate alone, at the right place.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { gates } from "./gates.ts";
import { fixtureTriples, readFixture, verifyFiles } from "./mutation/fixture-artifact.ts";
import type { Mutation } from "./mutation/mutation.ts";
import { mutations } from "./mutation/mutations.ts";

const folder = mkdtempSync(join(tmpdir(), "verify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("good libraries", () => {
  test.each(fixtureTriples)("%s passes every gate", async (triple) => {
    expect(await verifyFiles(triple, readFixture(triple), join(folder, triple))).toEqual([]);
  });
});

describe("mutations", () => {
  test("every gate has a mutation", () => {
    const proven = new Set(mutations.map(({ gate }) => gate));
    expect(gates.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
  });

  test("every mutation names a gate", () => {
    const known = new Set(gates.map(({ id }) => id));
    expect(mutations.map(({ gate }) => gate).filter((id) => !known.has(id))).toEqual([]);
  });

  for (const [index, mutation] of mutations.entries()) {
    const { gate, breaks, triple } = mutation;
    test(`${gate} alone reports that ${breaks} (${triple})`, () =>
      proves(mutation, join(folder, `mutation-${index}`)));
  }

  async function proves(mutation: Mutation, place: string): Promise<void> {
    const files = readFixture(mutation.triple);
    const original = files.get(mutation.file);
    if (original === undefined) throw new Error(`no fixture ${mutation.triple}/${mutation.file}`);
    const { bytes, evidence } = mutation.apply(Buffer.from(original));
    expect(bytes.equals(original)).toBe(false);
    files.set(mutation.file, bytes);

    const findings = await verifyFiles(mutation.triple, files, place);

    expect([...new Set(findings.map(({ gate }) => gate))]).toEqual([mutation.gate]);
    expect(findings[0]).toMatchObject({ file: mutation.file, evidence });
  }
});

describe("gates", () => {
  test("have unique names, and words for a person", () => {
    expect(new Set(gates.map(({ id }) => id)).size).toBe(gates.length);
    for (const gate of gates) {
      expect(gate.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      for (const text of [gate.title, gate.explanation, gate.fix]) expect(text.length).toBeGreaterThan(10);
    }
  });
});
