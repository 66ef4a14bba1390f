// The whole doctor on packages: each broken promise is found by its gate alone, in ours and in other people's packages.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Artifact } from "../build/artifact.ts";
import { corpusFile, fetchCommand } from "../inspect/corpus-cache.ts";
import type { PackageContext } from "../package/context.ts";
import { packageTarget } from "../package/package-target.ts";
import { packageXcframework } from "../package/package-xcframework.ts";
import { packageContext, tally, targetOf } from "../package/tally-fixture.ts";
import { examine, type Examination } from "./examine.ts";
import { inspectFiles, readFixture } from "./mutation/fixture-artifact.ts";
import { madePackage } from "./mutation/made-packages.ts";
import { putTogether, takeApart, type PutTogether } from "./mutation/package-archive.ts";
import { packageMutations } from "./mutation/package-mutations.ts";
import { unprovenOnForeign } from "./mutation/proof.ts";
import type {
  BrokenPackage,
  OwnPackage,
  PackageEvidence,
  PackageMutation,
  PackageOrigin,
} from "./mutation/package-mutation.ts";
import { packageGates } from "./package-gates.ts";

const folder = mkdtempSync(join(tmpdir(), "packages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const own = new Map<OwnPackage, string>();
beforeAll(async () => {
  const context = await packageContext(join(folder, "own"));
  const [linux, npm] = await packageTarget(await artifact("x86_64-unknown-linux-gnu"), context);
  const [windows] = await packageTarget(await artifact("x86_64-pc-windows-gnullvm"), context);
  own.set("linux archive", linux?.path ?? "");
  own.set("npm package", npm?.path ?? "");
  own.set("windows archive", windows?.path ?? "");
  own.set("xcframework", await xcframework(context));
});

async function artifact(triple: string): Promise<Artifact> {
  const place = join(folder, "artifacts", triple);
  return (await inspectFiles(triple, readFixture(triple), place)).artifact;
}

const appleTriples = [
  "aarch64-apple-darwin",
  "x86_64-apple-darwin",
  "aarch64-apple-ios",
  "aarch64-apple-ios-sim",
];

async function xcframework(context: PackageContext): Promise<string> {
  const crate = { ...tally.crate, library: "fixture" };
  const project = { ...tally, crate, xcframework: "Tally" };
  const artifacts = await Promise.all(appleTriples.map(artifact));
  const [packed] = await packageXcframework(artifacts, appleTriples.map(targetOf), { ...context, project });
  return packed?.path ?? "";
}

describe("gates over packages", () => {
  const proven = (isForeign: boolean): Set<string> =>
    new Set(
      packageMutations.filter(({ origin }) => "corpus" in origin === isForeign).map(({ gate }) => gate),
    );

  test("each is proven on a package that was made here", () => {
    expect(packageGates.map(({ id }) => id).filter((id) => !proven(false).has(id))).toEqual([]);
  });

  test("each is proven on a package of other people, but for those with a reason", () => {
    const unproven = packageGates.map(({ id }) => id).filter((id) => !proven(true).has(id));
    expect(unproven.filter((id) => unprovenOnForeign[`${id}, package`] === undefined)).toEqual([]);
  });

  test("each mutation names one of them", () => {
    const known = new Set(packageGates.map(({ id }) => id));
    expect(packageMutations.map(({ gate }) => gate).filter((id) => !known.has(id))).toEqual([]);
  });
});

const origins = [...new Map(packageMutations.map(({ origin }) => [nameOf(origin), origin])).values()];
const repacked = new Map<string, Promise<Examination>>();

/** What the doctor says of a good package that was taken apart and put together again. */
function packedAgain(origin: PackageOrigin): Promise<Examination> {
  const name = nameOf(origin);
  const known = repacked.get(name);
  if (known !== undefined) return known;
  const { path, bytes } = goodPackage(origin);
  const place = join(folder, name.replaceAll(/\W/g, "-"));
  mkdirSync(place);
  const file = join(place, basename(path));
  writeFileSync(file, putTogether(takeApart(bytes)).bytes);
  const examined = examine(file);
  repacked.set(name, examined);
  return examined;
}

describe.each(origins.map((origin) => ({ name: nameOf(origin), origin })))("$name", ({ name, origin }) => {
  test.skipIf(isMissing(origin))("is the same to the doctor when it is packed again", async () => {
    const again = await packedAgain(origin);
    expect(kinds(again)).toEqual(kinds(await examine(goodPackage(origin).path)));
    if (!("corpus" in origin)) expect(again.findings).toEqual([]);
  });

  for (const [index, mutation] of packageMutations.entries()) {
    if (nameOf(mutation.origin) !== name) continue;
    test.skipIf(isMissing(origin))(`${mutation.gate} alone reports that ${mutation.breaks}`, () =>
      proves(mutation, join(folder, String(index))),
    );
  }
});

async function proves(mutation: PackageMutation, place: string): Promise<void> {
  const { path, bytes } = goodPackage(mutation.origin);
  const before = await packedAgain(mutation.origin);
  const { form, parts } = takeApart(bytes);
  const broken = mutation.change(parts);
  const written = putTogether({ form, parts: broken.parts });
  mkdirSync(place);
  const file = join(place, renamed(basename(path), broken));
  writeFileSync(file, written.bytes);

  const { findings } = await examine(file);

  const known = new Set(kinds(before));
  const added = findings.filter(({ gate }) => !known.has(gate));
  expect([...new Set(added.map(({ gate }) => gate))]).toEqual([mutation.gate]);
  const { part, section, value } = broken.evidence;
  const found = added.find(({ member }) => member === part);
  expect(found?.file).toBe(file);
  expectText(found?.evidence.section, section);
  expectText(found?.evidence.value, value);
  expect(found?.evidence.offset).toBe(offsetOf(broken.evidence, written));
}

function renamed(name: string, { fileName }: BrokenPackage): string {
  return fileName === undefined ? name : fileName(name);
}

function expectText(actual: string | undefined, expected: string | RegExp): void {
  if (typeof expected === "string") expect(actual).toBe(expected);
  else expect(actual).toMatch(expected);
}

function offsetOf({ part, offset }: PackageEvidence, { offsets }: PutTogether): number | undefined {
  return offset ?? offsets.get(part);
}

function kinds({ findings }: Examination): string[] {
  return [...new Set(findings.map(({ gate }) => gate))].sort();
}

function goodPackage(origin: PackageOrigin): { readonly path: string; readonly bytes: Buffer } {
  const path =
    "own" in origin ? own.get(origin.own) : "corpus" in origin ? corpusFile(origin.corpus) : made(origin);
  if (path === undefined) throw new Error(`${nameOf(origin)} is not here; fetch it with: ${fetchCommand}`);
  return { path, bytes: readFileSync(path) };
}

function made(origin: Extract<PackageOrigin, { made: unknown }>): string {
  const { fileName, bytes } = madePackage(origin.made);
  const path = join(folder, fileName);
  if (!existsSync(path)) writeFileSync(path, bytes);
  return path;
}

/** Without the corpus its mutations are skipped, unless skips are forbidden; then they fail and name the remedy. */
function isMissing(origin: PackageOrigin): boolean {
  return process.env["FORBID_SKIPS"] !== "1" && "corpus" in origin && corpusFile(origin.corpus) === undefined;
}

function nameOf(origin: PackageOrigin): string {
  if ("own" in origin) return `our ${origin.own}`;
  return "made" in origin ? `a ${origin.made} of our libraries` : origin.corpus;
}
