// Good libraries pass every gate; each broken property is reported by its gate alone, at the right place.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { damaged, generator } from "../inspect/damage.ts";
import { ToolError } from "../shared/errors.ts";
import { gates } from "./gates.ts";
import { dynamicStringsStart, dynamicTag, growDynamicStrings, retagDynamic } from "./mutation/elf-writer.ts";
import {
  fixtureContext,
  fixtureTriples,
  inspectFiles,
  readFixture,
  verifyFiles,
} from "./mutation/fixture-artifact.ts";
import { coffHeader, debugEntry } from "./mutation/pe-writer.ts";
import { verifyArtifact } from "./verify.ts";
import { replaceText, type Mutation } from "./mutation/mutation.ts";
import type { ExaminedMutation } from "./mutation/examined-mutation.ts";
import { allProofs, unprovenOnForeign, type Proof } from "./mutation/proof.ts";
import { examinedMutations } from "./mutation/examined-mutations.ts";
import { mutations } from "./mutation/mutations.ts";

const folder = mkdtempSync(join(tmpdir(), "verify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("good libraries", () => {
  test.each(fixtureTriples)("%s passes every gate", async (triple) => {
    expect(await verifyFiles(triple, readFixture(triple), join(folder, triple))).toEqual([]);
  });
});

describe("mutations", () => {
  const everyMutation = [...mutations, ...examinedMutations];
  const isForeign = (mutation: object): boolean =>
    "origin" in mutation && "corpus" in (mutation as ExaminedMutation).origin;

  test("every gate has one on a library that was built here", () => {
    const proven = new Set(everyMutation.filter((mutation) => !isForeign(mutation)).map(({ gate }) => gate));
    expect(gates.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
  });

  test("every gate has one on a library of other people", () => {
    const proven = new Set(everyMutation.filter(isForeign).map(({ gate }) => gate));
    expect(gates.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
  });

  test("every format of a gate is tried on two artifacts, one of them not built here", () => {
    const tried = new Map<string, Proof[]>();
    for (const proof of allProofs()) {
      const key = `${proof.gate}, ${proof.format}`;
      tried.set(key, [...(tried.get(key) ?? []), proof]);
    }
    const lacking = [...tried].filter(
      ([, proofs]) =>
        new Set(proofs.map(({ artifact }) => artifact)).size < 2 || !proofs.some((proof) => proof.isForeign),
    );
    expect(lacking.map(([key]) => key).sort()).toEqual(Object.keys(unprovenOnForeign).sort());
  });

  test("every mutation names a gate", () => {
    const known = new Set(gates.map(({ id }) => id));
    expect(everyMutation.map(({ gate }) => gate).filter((id) => !known.has(id))).toEqual([]);
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
    expect(bytes?.equals(original)).not.toBe(true);
    if (bytes === undefined) files.delete(mutation.file);
    else files.set(mutation.file, bytes);

    const findings = await verifyFiles(mutation.triple, files, place);

    expect([...new Set(findings.map(({ gate }) => gate))]).toEqual([mutation.gate]);
    expect(findings[0]).toMatchObject({ file: mutation.blames ?? mutation.file, evidence });
  }
});

describe("what is no finding", () => {
  test("the folder in which the Rust project builds its standard library", async () => {
    const files = readFixture("x86_64-pc-windows-gnullvm");
    const stub = 64;
    files.get("fixture.dll")?.write("\0/Users/runner/work/rust/rust/library/core.s\0", stub, "latin1");
    expect(await verifyFiles("x86_64-pc-windows-gnullvm", files, join(folder, "standard-library"))).toEqual(
      [],
    );
  });

  test("the folder in which the ring crate's objects for Windows are assembled", async () => {
    const files = readFixture("x86_64-pc-windows-gnullvm");
    const stub = 64;
    files.get("fixture.dll")?.write("\0C:\\Users\\b\\p\\ring\\pregenerated\\a.asm\0", stub, "latin1");
    expect(await verifyFiles("x86_64-pc-windows-gnullvm", files, join(folder, "ring"))).toEqual([]);
  });

  test("a time stamp that is SOURCE_DATE_EPOCH", async () => {
    const files = readFixture("x86_64-pc-windows-gnullvm");
    const dll = files.get("fixture.dll") ?? Buffer.alloc(0);
    dll.writeUInt32LE(0, debugEntry(dll) + 12);
    dll.writeUInt32LE(1_700_000_000, coffHeader(dll) + 4);
    const context = { ...fixtureContext, sourceDateEpoch: 1_700_000_000 };
    expect(await verifyFiles("x86_64-pc-windows-gnullvm", files, join(folder, "epoch"), context)).toEqual([]);
  });

  test("a search path that is the library's own folder", async () => {
    const files = readFixture("x86_64-unknown-linux-gnu");
    const library = files.get("libfixture.so") ?? Buffer.alloc(0);
    replaceText(library, "good day", "$ORIGIN\0");
    const text = library.indexOf("$ORIGIN");
    const strings = dynamicStringsStart(library);
    retagDynamic(library, dynamicTag.hash, dynamicTag.runpath, text - strings);
    growDynamicStrings(library, text - strings + "$ORIGIN".length + 1);
    expect(await verifyFiles("x86_64-unknown-linux-gnu", files, join(folder, "origin"))).toEqual([]);
  });
});

describe("what breaks more than one rule", () => {
  test("an object under the name of a DLL is neither linked nor exports anything", async () => {
    const files = readFixture("x86_64-pc-windows-gnullvm");
    const archiveHeaders = 8 + 60 + 40 + 60;
    const object = files.get("libfixture.a")?.subarray(archiveHeaders) ?? Buffer.alloc(0);
    files.set("fixture.dll", object);
    const findings = await verifyFiles("x86_64-pc-windows-gnullvm", files, join(folder, "object"));
    expect(findings.map(({ gate, evidence }) => [gate, evidence.value])).toEqual([
      ["file-target", "coff, not linked"],
      ["exports", "missing: fixture_greets"],
      ["exports", "missing: fixture_copy"],
    ]);
  });

  test.skipIf(process.platform !== "linux" || process.arch !== "x64")(
    "a shared library as rustc makes it by itself has no SONAME and needs libgcc_s",
    async () => {
      const source = join(folder, "plain.rs");
      writeFileSync(
        source,
        '#[unsafe(no_mangle)]\npub extern "C" fn plain() { println!("{:?}", std::env::args()); }\n',
      );
      execFileSync("rustc", [
        "--edition=2024",
        "--crate-type=cdylib",
        "--target=x86_64-unknown-linux-gnu",
        "-o",
        join(folder, "libfixture.so"),
        source,
      ]);
      const files = new Map([["libfixture.so", readFileSync(join(folder, "libfixture.so"))]]);
      const context = { ...fixtureContext, functions: ["plain"] };
      const findings = await verifyFiles("x86_64-unknown-linux-gnu", files, join(folder, "plain"), context);
      const found = findings.map(({ gate, evidence }) => [gate, evidence.value]);
      expect(found).toContainEqual(["elf-soname", "none"]);
      expect(found).toContainEqual(["elf-needed", "libgcc_s.so.1"]);
    },
  );
});

describe("what verification refuses", () => {
  test("a library that has changed since it was inspected", async () => {
    const place = join(folder, "changed");
    const { artifact, facts } = await inspectFiles(
      "x86_64-unknown-linux-musl",
      readFixture("x86_64-unknown-linux-musl"),
      place,
    );
    appendFileSync(join(place, "libfixture.a"), "\n");
    await expect(verifyArtifact(artifact, facts, fixtureContext)).rejects.toThrow(
      /libfixture\.a: has changed/,
    );
  });

  test("a library that nobody inspected", async () => {
    const { artifact, facts } = await inspectFiles(
      "x86_64-unknown-linux-musl",
      readFixture("x86_64-unknown-linux-musl"),
      join(folder, "unseen"),
    );
    await expect(verifyArtifact(artifact, facts.slice(1), fixtureContext)).rejects.toThrow(
      /libfixture\.so: there are no facts/,
    );
  });
});

describe("damaged libraries", () => {
  const rounds = 20;
  test.each(fixtureTriples)("of %s are refused or judged, and break no gate", async (triple) => {
    const original = readFixture(triple);
    const random = generator(triple.length);
    for (const name of original.keys())
      for (let round = 0; round < rounds; round += 1) {
        const files = new Map(original).set(name, damaged(original.get(name) ?? Buffer.alloc(0), random));
        await verifyFiles(triple, files, join(folder, `damaged-${triple}`)).catch(expectTyped);
      }
  });

  function expectTyped(error: unknown): void {
    if (!(error instanceof ToolError)) throw error;
  }
});

describe("gates", () => {
  test("have unique names, and words for a person", () => {
    expect(new Set(gates.map(({ id }) => id)).size).toBe(gates.length);
    for (const gate of gates) {
      expect(gate.id).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
      for (const text of [gate.title, gate.explanation, gate.fix]) expect(text.length).toBeGreaterThan(10);
    }
  });
});
