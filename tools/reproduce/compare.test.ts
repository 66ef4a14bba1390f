// The comparison: equal bytes say nothing, and every planted difference is named by the place it was planted at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zipSync } from "fflate";
import { Header } from "tar";
import { describe, expect, it } from "vitest";
import { inspectBytes } from "../inspect/inspect.ts";
import { compareFiles, compareFileSets } from "./compare.ts";

const fixtures = join(import.meta.dirname, "..", "inspect", "fixtures");

function fixture(triple: string, name: string): Buffer {
  return readFileSync(join(fixtures, triple, name));
}

function text(value: string): Uint8Array {
  return Buffer.from(value);
}

/** A copy with one byte changed. */
function flipped(bytes: Buffer, offset: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[offset] = (copy[offset] ?? 0) ^ 0xff;
  return copy;
}

function tar(
  members: readonly { path: string; content: string; mtime?: number; mode?: number }[],
): Uint8Array {
  const blocks = members.flatMap(({ path, content, mtime = 1, mode = 0o644 }) => {
    const header = new Header({
      path,
      size: content.length,
      mode,
      mtime: new Date(mtime * 1000),
      type: "File",
    });
    header.encode();
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header.block ?? Buffer.alloc(512), body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe("compareFiles", () => {
  it("says nothing of equal bytes", () => {
    expect(compareFiles("x", text("same"), text("same"))).toEqual([]);
  });

  it("names the path of a JSON value", () => {
    const [one, two] = [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }].map((value) => text(JSON.stringify(value)));
    expect(compareFiles("m.json", one ?? text(""), two ?? text(""))).toEqual([
      { where: ["m.json", "$.a[0].b"], first: "1", second: "2" },
    ]);
  });

  it("names the line of a text", () => {
    expect(compareFiles("n.txt", text("a\nb\n"), text("a\nc\n"))).toEqual([
      { where: ["n.txt", "line 2"], first: "b", second: "c" },
    ]);
  });

  it("names the member of a zip and what is in it", () => {
    const zip = (content: string): Uint8Array => zipSync({ "lib/x.json": text(content) });
    expect(compareFiles("p.zip", zip('{"v":1}'), zip('{"v":2}'))[0]?.where).toEqual([
      "p.zip",
      "lib/x.json",
      "$.v",
    ]);
  });

  it("names a time stamp, a mode and a missing member of a compressed tar", () => {
    const pack = (...members: Parameters<typeof tar>[0][number][]): Uint8Array => gzipSync(tar(members));
    const one = pack({ path: "a", content: "x" }, { path: "b", content: "y" });
    const two = pack({ path: "a", content: "x", mtime: 9, mode: 0o755 }, { path: "c", content: "y" });
    const found = compareFiles("p.tgz", one, two);
    expect(found.map(({ where }) => where.join(" "))).toEqual([
      "p.tgz b",
      "p.tgz c",
      "p.tgz header 1",
      "p.tgz header 2",
    ]);
    expect(found[2]).toMatchObject({
      first: "a mode 644 of 1970-01-01T00:00:01.000Z",
      second: "a mode 755 of 1970-01-01T00:00:09.000Z",
    });
  });

  it("tells a difference in the compression alone", () => {
    const found = compareFiles(
      "p.gz",
      gzipSync(text("abc"), { mtime: 1e12 }),
      gzipSync(text("abc"), { mtime: 2e12 }),
    );
    expect(found).toMatchObject([{ where: ["p.gz"], offset: 5 }]);
  });

  it.each([
    ["x86_64-unknown-linux-gnu", "libfixture.so", ".text"],
    ["armv7-unknown-linux-gnueabihf", "libfixture.so", ".text"],
    ["x86_64-pc-windows-gnullvm", "fixture.dll", ".rdata"],
    ["aarch64-apple-darwin", "libfixture.dylib", "__TEXT,__text"],
  ])("names the section of %s %s", (triple, name, section) => {
    const bytes = fixture(triple, name);
    const offset = sectionOffset(name, bytes, section);
    expect(compareFiles(name, bytes, flipped(bytes, offset + 1))).toMatchObject([
      { where: [name, section], offset: 1 },
    ]);
  });

  it("names the member of a static library and the section in it", () => {
    const bytes = fixture("x86_64-unknown-linux-gnu", "libfixture.a");
    const { content } = inspectBytes("libfixture.a", bytes);
    if (content.format !== "archive") throw new Error(content.format);
    const member = content.members.find(({ object }) => object?.format === "elf");
    if (member?.object?.format !== "elf") throw new Error("no object");
    const section = member.object.sections.find(({ type, bytes: size }) => type === 1 && size > 0n);
    const object = bytes.subarray(member.offset, member.offset + member.bytes);
    const name = section?.name ?? fail("no section");
    const offset = member.offset + sectionOffset(member.name, object, name);
    expect(compareFiles("libfixture.a", bytes, flipped(bytes, offset))).toMatchObject([
      { where: ["libfixture.a", member.name, name], offset: 0 },
    ]);
  });

  it("still finds the place in a file that no reader knows", () => {
    expect(compareFiles("x.bin", text("\0\0a"), text("\0\0b"))).toMatchObject([
      { where: ["x.bin"], offset: 2 },
    ]);
  });
});

describe("compareFileSets", () => {
  it("counts a file that one build alone made", () => {
    const one = new Map([["a", text("x")]]);
    expect(compareFileSets(one, new Map())).toEqual([{ where: ["a"], first: "there", second: "not there" }]);
  });

  it("does not take two empty builds for the same", () => {
    expect(() => compareFileSets(new Map(), new Map())).toThrow("neither build");
  });
});

function sectionOffset(name: string, bytes: Uint8Array, section: string): number {
  const { content } = inspectBytes(name, bytes);
  switch (content.format) {
    case "elf":
      return Number(content.sections.find((item) => item.name === section)?.fileOffset ?? fail(section));
    case "pe":
      return content.sections.find((item) => item.name === section)?.fileOffset ?? fail(section);
    case "macho": {
      const sections = content.segments.flatMap((segment) => segment.sections);
      return sections.find((item) => `${item.segment},${item.name}` === section)?.fileOffset ?? fail(section);
    }
    default:
      return fail(content.format);
  }
}

function fail(message: string): never {
  throw new Error(message);
}
