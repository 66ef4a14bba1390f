// Containers are recognised by content and read whole; hostile ones become problems or typed errors, never harm.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { corpusFile, corpusPackages, fetchCommand } from "../inspect/corpus-cache.ts";
import { MalformedFile } from "../inspect/cursor.ts";
import { ToolError } from "../shared/errors.ts";
import { paxLine, tarOf, type TarPart } from "./hostile-tar.ts";
import { endRecord, zipOf, type ZipPart } from "./hostile-zip.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { Member, Problem } from "./member.ts";
import { isContainer, openContainer } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "container-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function save(bytes: Buffer, name = "archive"): string {
  count += 1;
  const path = join(folder, `${count}-${name}`);
  writeFileSync(path, bytes);
  return path;
}

async function open(path: string, limits?: Partial<Limits>): Promise<(Member | Problem)[]> {
  const container = await openContainer(path, { ...defaultLimits, ...limits });
  const found: (Member | Problem)[] = [];
  for await (const entry of container.entries()) found.push(entry);
  return found;
}

async function openZip(parts: readonly ZipPart[], limits?: Partial<Limits>): Promise<(Member | Problem)[]> {
  return open(save(zipOf(parts)), limits);
}

async function openTar(parts: readonly TarPart[], limits?: Partial<Limits>): Promise<(Member | Problem)[]> {
  return open(save(tarOf(parts)), limits);
}

function problems(found: readonly (Member | Problem)[]): string[] {
  return found.flatMap((entry) =>
    entry.type === "problem" ? [`${entry.code} ${entry.member ?? "(whole)"}`] : [],
  );
}

async function texts(found: readonly (Member | Problem)[]): Promise<string[]> {
  const members = found.flatMap((entry) => (entry.type === "member" ? [entry] : []));
  return Promise.all(
    members.map(async (member) => {
      const content = Buffer.from(await member.read()).toString("latin1");
      return `${[...member.trail, member.name].join("!")}: ${content.slice(0, 20)}`;
    }),
  );
}

function debianOf(parts: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  const members = parts.map(([name, content]) => {
    const fields = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8)];
    const header = `${fields.join("")}${String(content.length).padEnd(10)}\`\n`;
    return Buffer.concat([Buffer.from(header), content, Buffer.alloc(content.length % 2, "\n")]);
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...members]);
}

describe("a Debian package", () => {
  const version = ["debian-binary", Buffer.from("2.0\n")] as const;
  const control = [
    "control.tar.gz",
    gzipSync(tarOf([{ name: "./control", content: "Package: x\n" }])),
  ] as const;
  const content = tarOf([{ name: "./usr/lib/libx.so", content: "of x" }]);

  test("is opened with the archives in it, and is no archive of objects", async () => {
    const found = await open(save(debianOf([version, control, ["data.tar.gz", gzipSync(content)]])));
    expect(problems(found)).toEqual([]);
    expect(
      found.map((entry) => (entry.type === "member" ? [...entry.trail, entry.name].join(" > ") : "")),
    ).toEqual([
      "debian-binary",
      "control.tar.gz",
      "control.tar.gz > ./control",
      "data.tar.gz",
      "data.tar.gz > ./usr/lib/libx.so",
    ]);
    const objects = Buffer.from(debianOf([["object.o", content]]));
    expect(await isContainer(save(objects))).toBe(false);
  });

  test("whose content cannot be read is refused: nothing seen is not nothing found", async () => {
    const xz = Buffer.concat([Buffer.from("\xfd7zXZ\0", "latin1"), Buffer.alloc(64)]);
    const refused = openContainer(save(debianOf([version, control, ["data.tar.xz", xz]])));
    await expect(refused).rejects.toMatchObject({ code: "unsupported-compression", exitCode: 2 });
    await expect(refused).rejects.toThrow(/compressed with xz/);
  });

  test("that is cut off is a problem or an error that names the place, wherever the cut is", async () => {
    const parts = [version, control, ["data.tar", content]] as const;
    const whole = debianOf(parts);
    const boundaries = parts.map((_, count) => debianOf(parts.slice(0, count)).length);
    for (let length = 24; length < whole.length; length += 7) {
      const path = save(whole.subarray(0, length), "cut.deb");
      const outcome = await open(path).then(problems, (error: unknown) => error);
      const isTold = outcome instanceof MalformedFile || (Array.isArray(outcome) && outcome.length > 0);
      // Between two members there is nothing that could be missed.
      expect(isTold || boundaries.includes(length), `${length} bytes`).toBe(true);
    }
  });
});

describe("recognition goes by content", () => {
  test.each([
    ["a wheel called notes.txt", zipOf([{ name: "a.py", content: "x" }]), "zip"],
    ["an empty zip archive", zipOf([]), "zip"],
    ["a tar archive called x.zip", tarOf([{ name: "a", content: "x" }]), "tar"],
    ["a compressed tar archive", gzipSync(tarOf([{ name: "a", content: "x" }])), "tar.gz"],
    ["a compressed file", gzipSync("just text"), "gzip"],
    ["a zip archive behind a shell script", zipOf([{ name: "a" }], Buffer.from("#!/bin/sh\n")), "zip"],
  ])("%s", async (name, bytes, kind) => {
    const path = save(bytes, name.split(" ").at(-1));
    expect(await isContainer(path)).toBe(true);
    expect((await openContainer(path)).kind).toBe(kind);
  });

  test.each([
    ["an empty file", Buffer.alloc(0)],
    ["garbage", Buffer.from("garbage, long enough to hold a header".repeat(30))],
    ["a file of zeros", Buffer.alloc(4096)],
    ["an ELF header", Buffer.concat([Buffer.from("\x7fELF", "latin1"), Buffer.alloc(600)])],
  ])("%s is none", async (_name, bytes) => {
    const path = save(bytes);
    expect(await isContainer(path)).toBe(false);
    await expect(openContainer(path)).rejects.toMatchObject({ code: "unknown-container", exitCode: 2 });
  });

  test.each([
    ["xz", "\xfd7zXZ\x00rest"],
    ["zstd", "\x28\xb5\x2f\xfdrest"],
    ["bzip2", "BZh9rest"],
    ["7z", "7z\xbc\xaf\x27\x1crest"],
  ])("%s is refused with the command that unpacks it", async (kind, start) => {
    const path = save(Buffer.from(start, "latin1"));
    const error = await failure(openContainer(path));
    expect(error).toMatchObject({ code: "unsupported-compression", exitCode: 2 });
    expect(error.message).toContain(path);
    expect(error.remedy).toContain(kind.slice(0, 2));
  });

  test("a path that is not there is a typed error", async () => {
    expect(await failure(openContainer(join(folder, "missing")))).toMatchObject({ code: "unreadable-file" });
  });
});

describe("zip archives", () => {
  test("give names, sizes, modes, times and content", async () => {
    const [member] = await openZip([{ name: "lib/a.so", content: "hello", mode: 0o100755 }]);
    expect(member).toMatchObject({
      type: "member",
      name: "lib/a.so",
      kind: "file",
      bytes: 5,
      mode: 0o755,
      offset: 0,
      modified: Date.UTC(2026, 10, 23) / 1000,
      stored: { method: 8, dataOffset: 38 },
    });
  });

  test("with 64-bit sizes, data descriptors and stored members are read", async () => {
    const found = await openZip([
      { name: "wide", content: "a".repeat(50), zip64: true },
      { name: "streamed", content: "b".repeat(50), descriptor: true },
      { name: "stored", content: "c".repeat(50), method: 0 },
    ]);
    expect(problems(found)).toEqual([]);
    expect(await texts(found)).toEqual([
      `wide: ${"a".repeat(20)}`,
      `streamed: ${"b".repeat(20)}`,
      `stored: ${"c".repeat(20)}`,
    ]);
  });

  const cases: [string, readonly ZipPart[], string[]][] = [
    ["a name that climbs out", [{ name: "../../etc/passwd" }], ["name-escapes ../../etc/passwd"]],
    ["a name that climbs out later", [{ name: "a/../../b" }], ["name-escapes a/../../b"]],
    ["an absolute name", [{ name: "/etc/passwd" }], ["name-absolute /etc/passwd"]],
    [
      "a name with a drive",
      [{ name: "C:\\windows\\x" }],
      ["name-absolute C:\\windows\\x", "name-not-portable C:\\windows\\x"],
    ],
    [
      "backslashes that climb out",
      [{ name: "..\\..\\x" }],
      ["name-escapes ..\\..\\x", "name-not-portable ..\\..\\x"],
    ],
    ["a name that Windows gives to a device", [{ name: "lib/NUL.txt" }], ["name-not-portable lib/NUL.txt"]],
    ["the same name twice", [{ name: "a" }, { name: "a" }], ["duplicate-name a"]],
    ["the same name spelled twice", [{ name: "a" }, { name: "./a" }], ["duplicate-name ./a"]],
    ["names that differ in case only", [{ name: "Lib.so" }, { name: "lib.so" }], ["case-collision lib.so"]],
    [
      "a link that leaves the package",
      [{ name: "lib/x", mode: 0o120777, content: "../../etc" }],
      ["link-escapes lib/x"],
    ],
    ["an absolute link", [{ name: "x", mode: 0o120777, content: "/etc" }], ["link-escapes x"]],
    ["a device", [{ name: "null", mode: 0o020666 }], ["device null"]],
    ["an encrypted member", [{ name: "secret", flags: 1, content: "x" }], ["encrypted secret"]],
    ["a method nobody here reads", [{ name: "z", method: 93, content: "x" }], ["unsupported z"]],
    ["a wrong checksum", [{ name: "x", content: "y", claimedChecksum: 7 }], ["checksum x"]],
    ["more content than it says", [{ name: "x", content: "yyyy", claimedBytes: 2 }], ["size x"]],
    ["less content than it says", [{ name: "x", content: "yy", claimedBytes: 40 }], ["size x"]],
    ["another name before the content", [{ name: "x", localName: "y" }], ["local-header x"]],
  ];
  test.each(cases)("with %s are a problem at its header", async (_what, parts, expected) => {
    const found = await openZip(parts);
    expect(problems(found)).toEqual(expected);
    for (const entry of found) if (entry.type === "problem") expect(entry.remedy).not.toBe("");
  });

  test("whose link stays inside are no problem", async () => {
    const found = await openZip([{ name: "lib/x", mode: 0o120777, content: "../bin/x" }]);
    expect(found).toMatchObject([{ kind: "symlink", linkTarget: "../bin/x" }]);
  });

  test("with bytes before and behind are read, and say so", async () => {
    const bytes = Buffer.concat([
      zipOf([{ name: "a", content: "x" }], Buffer.from("some junk")),
      Buffer.from("tail"),
    ]);
    const found = await open(save(bytes));
    expect(problems(found)).toEqual(["prefix (whole)", "trailing (whole)"]);
    expect(await texts(found)).toEqual(["a: x"]);
  });

  test("in which a thousand members share one content are not unpacked a thousand times", async () => {
    const kernel = { name: "kernel", content: Buffer.alloc(1_000_000) };
    const sharing = Array.from({ length: 999 }, (_, index) => ({ ...kernel, name: `m${index}`, sameAs: 0 }));
    const found = await openZip([kernel, ...sharing]);
    expect(found).toHaveLength(1000);
    expect(new Set(problems(found).map((text) => text.split(" ")[0]))).toEqual(new Set(["overlap"]));
  });

  test("that unpack to two hundred times their size and more are bombs", async () => {
    const found = await openZip([{ name: "bomb", content: Buffer.alloc(40_000_000) }]);
    expect(problems(found)).toEqual(["bomb bomb"]);
  });

  test("whose members are small but many together are stopped at the total", async () => {
    const parts = Array.from({ length: 20 }, (_, index) => ({
      name: `m${index}`,
      content: Buffer.alloc(1000, index),
    }));
    const found = await openZip(parts, { totalBytes: 5500 });
    expect(problems(found)).toEqual(["bomb m5"]);
    expect(found).toHaveLength(6);
  });

  test("with more members than the limit are stopped there", async () => {
    const parts = Array.from({ length: 20 }, (_, index) => ({ name: `m${index}` }));
    expect(problems(await openZip(parts, { members: 10 }))).toEqual(["too-many (whole)"]);
  });

  test("cut off at any place give a typed error or what is left, and name the file", async () => {
    const whole = zipOf([
      { name: "a", content: "first" },
      { name: "b", content: "second", zip64: true },
    ]);
    for (let length = 4; length < whole.length; length += 1) {
      const path = save(whole.subarray(0, length), "cut");
      const error = await failure(open(path));
      expect(error).toBeInstanceOf(ToolError);
      expect(error.message).toContain(path);
    }
  });

  test("whose directory claims 4 GiB are refused before any allocation", async () => {
    const path = save(
      Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(60), endRecord(1, 0xfffffff0, 0)]),
    );
    const before = process.memoryUsage().arrayBuffers;
    expect(await failure(open(path))).toBeInstanceOf(MalformedFile);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });
});

describe("tar archives", () => {
  test("give names, modes, links and content, with long names of both kinds", async () => {
    const long = `${"d/".repeat(60)}file`;
    const found = await openTar([
      { name: "bin/x", content: "run", mode: 0o755 },
      { name: "link", type: "2", link: "bin/x" },
      { name: "pax", type: "x", content: paxLine("path", long) },
      { name: "short", content: "pax" },
      { name: "././@LongLink", type: "L", content: `${long}2\0` },
      { name: "short", content: "gnu" },
    ]);
    expect(problems(found)).toEqual([]);
    expect(found[0]).toMatchObject({ name: "bin/x", mode: 0o755, owner: 0 });
    expect(found[1]).toMatchObject({ kind: "symlink", linkTarget: "bin/x" });
    expect(await texts(found.slice(2))).toEqual([`${long}: pax`, `${long}2: gnu`]);
  });

  const cases: [string, readonly TarPart[], string[]][] = [
    ["a name that climbs out", [{ name: "../x" }], ["name-escapes ../x"]],
    ["a link that climbs out", [{ name: "a", type: "2", link: "../x" }], ["link-escapes a"]],
    ["a hard link to a file outside", [{ name: "a", type: "1", link: "/etc/shadow" }], ["link-escapes a"]],
    ["a block device", [{ name: "sda", type: "4" }], ["device sda"]],
    ["a pipe", [{ name: "pipe", type: "6" }], ["device pipe"]],
    ["a sparse file", [{ name: "holes", type: "S" }], ["unsupported holes"]],
  ];
  test.each(cases)("with %s are a problem", async (_what, parts, expected) => {
    expect(problems(await openTar(parts))).toEqual(expected);
  });

  test("with content behind the end mark say so", async () => {
    const end = Buffer.concat([Buffer.alloc(1024), Buffer.from("hidden"), Buffer.alloc(506)]);
    const found = await open(save(tarOf([{ name: "a" }], end)));
    expect(found.at(-1)).toMatchObject({ code: "trailing", offset: 512 + 1024 });
  });

  test("without end mark say so", async () => {
    expect(problems(await open(save(tarOf([{ name: "a" }], Buffer.alloc(0)))))).toEqual([
      "unreadable (whole)",
    ]);
  });

  test("whose header is damaged are refused at its offset", async () => {
    const bytes = tarOf([{ name: "a" }, { name: "b" }]);
    bytes.write("z", 512);
    expect(await failure(open(save(bytes)))).toMatchObject({ code: "malformed-file", offset: 512 + 148 });
  });

  test("that promise more content than the file has are refused", async () => {
    const bytes = tarOf([{ name: "a", content: "x", claimedBytes: 2 ** 32 }]);
    const error = await failure(open(save(bytes), { memberBytes: 2 ** 40 }));
    expect(error.message).toMatch(/offset 0x200: content of a wants 4294967296 bytes/);
  });

  test("that are compressed a thousandfold are stopped", async () => {
    const bytes = gzipSync(tarOf([{ name: "zeros", content: Buffer.alloc(60_000_000) }]));
    expect(problems(await open(save(bytes)))).toEqual(["bomb (whole)"]);
  });

  test("whose compressed stream is cut off are refused with the place", async () => {
    const bytes = gzipSync(
      tarOf([{ name: "a", content: Buffer.from(Array.from({ length: 9000 }, Math.random)) }]),
    );
    const error = await failure(open(save(bytes.subarray(0, bytes.length - 20))));
    expect(error).toBeInstanceOf(MalformedFile);
    expect(error.message).toMatch(/gzip stream: unexpected end/);
  });
});

describe("archives inside archives", () => {
  test("are opened after the archive that they are", async () => {
    const inner = zipOf([{ name: "lib.so", content: "deep" }]);
    const found = await openTar([
      { name: "outer/in.jar", content: inner },
      { name: "note", content: "n" },
    ]);
    expect((await texts(found)).map((text) => text.split(":")[0])).toEqual([
      "outer/in.jar",
      "outer/in.jar!lib.so",
      "note",
    ]);
  });

  test("that are damaged are a problem, and the rest is read", async () => {
    const broken = zipOf([{ name: "x", content: "y" }]).subarray(0, 40);
    const found = await openTar([
      { name: "broken.zip", content: broken },
      { name: "note", content: "n" },
    ]);
    expect(problems(found)).toEqual(["unreadable (whole)"]);
    expect(found.find((entry) => entry.type === "problem")).toMatchObject({ trail: ["broken.zip"] });
    expect((await texts(found)).at(-1)).toBe("note: n");
  });

  test("are opened to a depth and no further", async () => {
    let bytes = zipOf([{ name: "core", content: "x" }]);
    for (let depth = 0; depth < 10; depth += 1)
      bytes = zipOf([{ name: `level${depth}.zip`, content: bytes }]);
    const found = await open(save(bytes));
    expect(problems(found)).toEqual(["too-deep (whole)"]);
    expect(found.filter(({ type }) => type === "member")).toHaveLength(1 + defaultLimits.depth);
  });

  test("share one limit of what may be unpacked", async () => {
    const inner = zipOf(
      Array.from({ length: 10 }, (_, index) => ({ name: `m${index}`, content: Buffer.alloc(1000, index) })),
    );
    const found = await openZip([{ name: "in.zip", content: inner }], { totalBytes: inner.length + 3500 });
    expect(problems(found)).toEqual(["bomb m3"]);
  });
});

describe("folders", () => {
  const root = join(folder, "größe mit leerzeichen");
  beforeAll(() => {
    mkdirSync(join(root, "sub"), { recursive: true });
    writeFileSync(join(root, "sub/ä.txt"), "umlaut");
    writeFileSync(join(root, "in.zip"), zipOf([{ name: "a", content: "x" }]));
    symlinkSync("sub/ä.txt", join(root, "inside"));
    symlinkSync("/etc", join(root, "outside"));
    symlinkSync("..", join(root, "up"));
    spawnSync("mkfifo", [join(root, "pipe")]);
  });

  test("show links without following them, and pipes without opening them", async () => {
    const found = await open(root);
    expect(problems(found)).toEqual(["link-escapes outside", "device pipe", "link-escapes up"]);
    expect(
      found.flatMap((entry) => (entry.type === "member" ? [`${entry.kind} ${entry.name}`] : [])),
    ).toEqual([
      "file in.zip",
      "file a",
      "symlink inside",
      "symlink outside",
      "device pipe",
      "directory sub",
      "file sub/ä.txt",
      "symlink up",
    ]);
  });
});

test("opening hostile archives writes nothing", async () => {
  const work = mkdtempSync(join(folder, "work-"));
  const previous = process.cwd();
  process.chdir(work);
  try {
    await openZip([
      { name: "../../escape" },
      { name: join(tmpdir(), "escape-of-the-container-test") },
      { name: "plain" },
    ]);
    await openTar([
      { name: "plain" },
      { name: "link", type: "2", link: "/etc" },
      { name: "link/x", content: "x" },
    ]);
  } finally {
    process.chdir(previous);
  }
  expect(readdirSync(work)).toEqual([]);
  expect(readdirSync(tmpdir())).not.toContain("escape-of-the-container-test");
});

const missing = corpusPackages.filter(({ id }) => corpusFile(id) === undefined);
if (missing.length > 0 && process.env["FORBID_SKIPS"] === "1")
  throw new Error(`${missing.length} packages of the corpus are missing: ${fetchCommand}`);

describe.skipIf(missing.length > 0)(`foreign packages (${fetchCommand})`, () => {
  test.each(corpusPackages.map(({ id }) => id))(
    "%s has the members that Python's readers list",
    async (id) => {
      const path = corpusFile(id) ?? "";
      const found = await open(path, { depth: 0 });
      const own = found.flatMap((entry) =>
        entry.type === "member" && entry.trail.length === 0 && entry.kind === "file"
          ? [`${entry.name} ${entry.bytes}`]
          : [],
      );
      expect(found.filter((entry) => entry.type === "problem" && entry.code !== "too-deep")).toEqual([]);
      expect(own).toEqual(pythonList(path));
    },
  );
});

const listing = `
import sys, tarfile, zipfile
path = sys.argv[1]
if zipfile.is_zipfile(path):
    for entry in zipfile.ZipFile(path).infolist():
        if not entry.is_dir(): print(entry.filename, entry.file_size)
else:
    for entry in tarfile.open(path):
        if entry.isfile(): print(entry.name, entry.size)
`;

function pythonList(path: string): string[] {
  const text = execFileSync("python3", ["-c", listing, path], { encoding: "utf8", maxBuffer: 2 ** 26 });
  return text.trim().split("\n");
}

async function failure(promise: Promise<unknown>): Promise<ToolError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error("was read without complaint");
}
