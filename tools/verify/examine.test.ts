// The whole doctor on single files: each broken property is found by its gate alone, ours and other people's alike.
import { existsSync, mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { corpusFile } from "../inspect/corpus-cache.ts";
import { examine } from "./examine.ts";
import { examinedMutations } from "./mutation/examined-mutations.ts";
import { goodBytes } from "./mutation/good-bytes.ts";
import type { ExaminedMutation, Origin } from "./mutation/examined-mutation.ts";
import { readFixture, verifyFiles } from "./mutation/fixture-artifact.ts";
import { putTogether } from "./mutation/package-archive.ts";
import { part } from "./mutation/package-mutation.ts";

const folder = mkdtempSync(join(tmpdir(), "examine-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("mutations", () => {
  for (const [index, mutation] of examinedMutations.entries()) {
    const { gate, breaks, origin } = mutation;
    const place = join(folder, String(index));
    test.skipIf(isMissing(origin))(`${gate} alone reports that ${breaks} (${nameOf(origin)})`, () =>
      proves(mutation, place),
    );
  }
});

describe("a link that is absolute", () => {
  test("is a warning in a folder, and an error in an archive", async () => {
    const place = join(folder, "links");
    mkdirSync(place);
    symlinkSync("/etc/hostname", join(place, "libname.so"));
    const { findings } = await examine(place);
    expect(findings).toMatchObject([
      {
        gate: "package-structure",
        severity: "warning",
        title: "a link in a folder is absolute or leads out of it",
        file: join(place, "libname.so"),
        evidence: { section: "link-escapes", value: 'links to "/etc/hostname", an absolute path' },
      },
    ]);

    const archive = join(folder, "links.tar.gz");
    const parts = [{ ...part("libname.so", ""), symlink: "/etc/hostname" }];
    writeFileSync(archive, putTogether({ form: "tar.gz", parts }).bytes);
    const inArchive = await examine(archive);
    expect(inArchive.findings).toMatchObject([
      {
        gate: "package-structure",
        severity: "error",
        title: "the archive is not what an honest archiver writes",
      },
    ]);
  });
});

describe("an archive without members", () => {
  const empty = Buffer.from("!<arch>\n");

  test("is a warning that says so, where nobody knows what it was made for", async () => {
    const path = join(folder, "libold.a");
    writeFileSync(path, empty);
    const { findings } = await examine(path);
    expect(findings).toMatchObject([
      { gate: "archive-members", severity: "warning", title: "the archive has no members" },
    ]);
  });

  test("is an error in a release", async () => {
    const triple = "x86_64-unknown-linux-gnu";
    const files = readFixture(triple).set("libfixture.a", empty);
    const findings = await verifyFiles(triple, files, join(folder, "release"));
    expect(findings).toContainEqual(
      expect.objectContaining({
        gate: "archive-members",
        severity: "error",
        title: "the archive has no members",
      }),
    );
  });
});

describe("a private key in a library's data", () => {
  const triple = "x86_64-unknown-linux-gnu";
  const library = readFixture(triple).get("libfixture.so") ?? Buffer.alloc(0);
  const withText = (...parts: readonly string[]): Buffer =>
    Buffer.concat([library, Buffer.from(parts.join(""))]);
  // In two parts, so that no scanner takes this file for a leak.
  const withKey = withText("-----BEGIN ", `PRIVATE KEY-----\n${"A".repeat(64)}\n`);

  test("is a warning, since it may be for a self-test; a token is an error", async () => {
    const path = join(folder, "libkey.so");
    writeFileSync(path, withKey);
    const ofKey = (await examine(path)).findings.filter(({ gate }) => gate === "credentials");
    expect(ofKey).toMatchObject([
      {
        severity: "warning",
        title: "the library's data has a private key in it",
        evidence: { section: "content", offset: library.length, value: "private key -----BEG…" },
      },
    ]);
    writeFileSync(path, withText("AKIA", "IOSFODNN7EXAMPLE\0"));
    const ofToken = (await examine(path)).findings.filter(({ gate }) => gate === "credentials");
    expect(ofToken).toMatchObject([{ severity: "error" }]);
  });

  test("is an error in a release", async () => {
    const files = readFixture(triple).set("libfixture.so", withKey);
    const findings = await verifyFiles(triple, files, join(folder, "release with a key"));
    expect(findings).toMatchObject([{ gate: "credentials", severity: "error" }]);
  });
});

async function proves(mutation: ExaminedMutation, place: string): Promise<void> {
  const { gate, policy, beside = [], blames } = mutation;
  mkdirSync(place);
  const path = join(place, mutation.fileName ?? basename(nameOf(mutation.origin)));
  const original = await goodBytes(mutation.origin);
  writeFileSync(path, original);
  for (const member of beside)
    writeFileSync(join(place, basename(member)), await goodBytes(packageMember(mutation.origin, member)));
  const examinedPath = beside.length === 0 ? path : place;
  const before = (await examine(examinedPath, policy)).findings.map((finding) => finding.gate);
  expect(before).not.toContain(gate);

  const { bytes, evidence } = mutation.apply(Buffer.from(original));
  expect(bytes?.equals(original)).not.toBe(true);
  if (bytes === undefined) rmSync(path);
  else writeFileSync(path, bytes);
  const { findings } = await examine(examinedPath, policy);

  const added = findings.filter((finding) => !before.includes(finding.gate));
  expect([...new Set(added.map((finding) => finding.gate))]).toEqual([gate]);
  expect(added[0]).toMatchObject({ file: blames === undefined ? path : join(place, blames), evidence });
}

function packageMember(origin: Origin, member: string): Origin {
  if (!("corpus" in origin)) throw new Error("only a package has other files");
  return { corpus: origin.corpus, member };
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
