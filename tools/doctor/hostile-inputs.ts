// Inputs that somebody made to harm their reader, each with what the doctor must say about it.
import { gzipSync } from "node:zlib";
import { paxLine, tarOf } from "../container/hostile-tar.ts";
import { zipOf } from "../container/hostile-zip.ts";

export interface HostileInput {
  readonly file: string;
  readonly bytes: Buffer;
  /** Code and part of the message of the error, where the file cannot be read at all. */
  readonly refused?: readonly [code: string, message: string];
  /** Members with the beginning of what a finding of severity error says of them; undefined is the file itself. */
  readonly found?: readonly (readonly [member: string | undefined, value: string])[];
}

const wheelTag = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux_2_17_x86_64\n";
const mebibyte = 2 ** 20;

/** `library` is a good one; `foreign` is for another processor; `outside` is where nothing may be written. */
export function hostileInputs(library: Buffer, foreign: Buffer, outside: string): HostileInput[] {
  return [
    ...damagedFiles(library),
    ...hostileZips(library, foreign, outside),
    ...hostileTars(outside),
    ...bombs(library),
    ...endlessTexts(library),
  ];
}

function damagedFiles(library: Buffer): HostileInput[] {
  const zip = zipOf([{ name: "lib/a.so", content: library }]);
  const archive = gzipSync(tarOf([{ name: "lib/a.so", content: library }]));
  return [
    { file: "empty.so", bytes: Buffer.alloc(0), refused: ["unknown-format", "offset 0x0"] },
    { file: "cut.so", bytes: library.subarray(0, 100), refused: ["malformed-file", "offset 0x"] },
    {
      file: "garbage.dll",
      bytes: Buffer.from("no library at all"),
      refused: ["unknown-format", "neither ELF"],
    },
    {
      file: "garbage.whl",
      bytes: Buffer.from("PK\u0003\u0004 and"),
      refused: ["malformed-file", "offset 0x"],
    },
    { file: "cut.whl", bytes: zip.subarray(0, zip.length - 30), refused: ["malformed-file", "offset 0x"] },
    { file: "cut.tgz", bytes: archive.subarray(0, archive.length - 40), refused: ["malformed-file", "gzip"] },
    { file: "nothing.tgz", bytes: Buffer.from([0x1f, 0x8b, 8, 0]), refused: ["malformed-file", "gzip"] },
    {
      file: "cut.tar",
      bytes: tarOf([{ name: "a", content: "x".repeat(900) }]).subarray(0, 700),
      refused: ["malformed-file", "offset 0x200"],
    },
    {
      file: "packed.xz",
      bytes: Buffer.from("\xfd7zXZ\0 and so on", "latin1"),
      refused: ["unsupported-compression", "xz"],
    },
    // A name that promises another format than the content is.
    { file: "elf-called.dll", bytes: library, found: [[undefined, "elf"]] },
  ];
}

function hostileZips(library: Buffer, foreign: Buffer, outside: string): HostileInput[] {
  const zip = (
    file: string,
    parts: Parameters<typeof zipOf>[0],
    found: HostileInput["found"],
  ): HostileInput => ({
    file,
    bytes: zipOf(parts),
    ...(found === undefined ? {} : { found }),
  });
  return [
    zip(
      "climbs.zip",
      [{ name: "../../climbed.so", content: library }],
      [["../../climbed.so", "name-escapes"]],
    ),
    zip(
      "absolute.zip",
      [{ name: `${outside}/absolute.so`, content: library }],
      [[`${outside}/absolute.so`, "name-absolute"]],
    ),
    zip("drive.zip", [{ name: "C:\\lib.so", content: library }], [["C:\\lib.so", "name-absolute"]]),
    zip(
      "link.zip",
      [
        { name: "lib", mode: 0o120777, content: outside },
        { name: "lib/linked.so", content: library },
      ],
      [["lib", "link-escapes"]],
    ),
    zip("device.zip", [{ name: "null", mode: 0o020666 }], [["null", "device"]]),
    zip(
      "twice.zip",
      [
        { name: "a.so", content: library },
        { name: "a.so", content: foreign },
      ],
      [["a.so", "duplicate-name"]],
    ),
    zip("encrypted.zip", [{ name: "a.so", content: library, flags: 1 }], [["a.so", "encrypted"]]),
    zip("method.zip", [{ name: "a.so", content: library, method: 99 }], [["a.so", "unsupported"]]),
    zip("crc.zip", [{ name: "a.so", content: library, claimedChecksum: 7 }], [["a.so", "checksum"]]),
    zip("huge.zip", [{ name: "a.so", content: library, claimedBytes: 0xffff_fff0 }], [["a.so", "too-large"]]),
    zip("short.zip", [{ name: "a.so", content: library, claimedBytes: 3 }], [["a.so", "size"]]),
    zip("names.zip", [{ name: "a.so", content: library, localName: "b.so" }], [["a.so", "local-header"]]),
    zip(
      "shared.zip",
      [
        { name: "a.so", content: library },
        { name: "b.so", content: library, sameAs: 0 },
      ],
      [["b.so", "overlap"]],
    ),
    zip(
      "streamed.zip",
      [
        { name: "a.so", content: library, descriptor: true },
        { name: "b.so", content: library, zip64: true },
      ],
      undefined,
    ),
    zip("broken-inside.zip", [{ name: "a.so", content: library.subarray(0, 70) }], [["a.so", ""]]),
    zip(
      "mixed-1.0-py3-none-manylinux_2_17_x86_64.whl",
      [
        { name: "a.so", content: library },
        { name: "b/a.so", content: foreign },
        { name: "mixed-1.0.dist-info/WHEEL", content: wheelTag },
      ],
      [["b/a.so", "aarch64"]],
    ),
    zip(
      "terminal.zip",
      [{ name: "\u001b]0;owned\u0007\u202e.so", content: "x" }],
      [["\u001b]0;owned\u0007\u202e.so", ""]],
    ),
    {
      file: "latin1.zip",
      bytes: Buffer.from(
        zipOf([{ name: "\u00ff.so", content: "x" }])
          .toString("latin1")
          .replaceAll("\u00c3\u00bf", "\u00ff\u00fe"),
        "latin1",
      ),
      found: [["\u00ff\u00fe.so", ""]],
    },
  ];
}

function hostileTars(outside: string): HostileInput[] {
  const tar = (
    file: string,
    parts: Parameters<typeof tarOf>[0],
    found: HostileInput["found"],
  ): HostileInput => ({
    file,
    bytes: tarOf(parts),
    ...(found === undefined ? {} : { found }),
  });
  return [
    tar("climbs.tar", [{ name: "../climbed", content: "x" }], [["../climbed", "name-escapes"]]),
    tar(
      "symlink.tar",
      [
        { name: "up", type: "2", link: outside },
        { name: "up/linked", content: "x" },
      ],
      [["up", "link-escapes"]],
    ),
    tar("hardlink.tar", [{ name: "h", type: "1", link: "../outside/kept" }], [["h", "link-escapes"]]),
    tar(
      "device.tar",
      [
        { name: "sda", type: "4" },
        { name: "pipe", type: "6" },
      ],
      [
        ["sda", "device"],
        ["pipe", "device"],
      ],
    ),
    tar("sparse.tar", [{ name: "holes.so", type: "S" }], [["holes.so", "unsupported"]]),
    tar(
      "sparse-pax.tar",
      [
        {
          name: "p",
          type: "x",
          content: paxLine("GNU.sparse.major", "1") + paxLine("GNU.sparse.name", "holes.so"),
        },
        { name: "GNUSparseFile.0/holes.so", content: "1\n0\n512\n" },
      ],
      [["holes.so", "unsupported"]],
    ),
    tar(
      "pax.tar",
      [
        { name: "p", type: "x", content: paxLine("path", "../pax") },
        { name: "x", content: "x" },
      ],
      [["../pax", "name-escapes"]],
    ),
    tar(
      "longname.tar",
      [
        { name: "././@LongLink", type: "L", content: `../${"d/".repeat(90)}x\0` },
        { name: "x", content: "x" },
      ],
      [[`../${"d/".repeat(90)}x`, "name-escapes"]],
    ),
    {
      file: "pax-size.tar",
      bytes: tarOf([
        { name: "p", type: "x", content: paxLine("size", "99999999999999") },
        { name: "x", content: "x" },
      ]),
      refused: ["malformed-file", "offset 0x"],
    },
    {
      file: "endless.tar",
      bytes: tarOf([{ name: "x", claimedBytes: 2 ** 32, content: "x" }]),
      refused: ["malformed-file", "offset 0x"],
    },
  ];
}

/** Texts that cost a careless reader the square of their length, or a call for each level. */
function endlessTexts(library: Buffer): HostileInput[] {
  const addon = { name: "package/a.node", content: library };
  const levels = 10_000;
  const exported = `${'{"a":'.repeat(levels)}"./a.node"${"}".repeat(levels)}`;
  const npm = {
    name: "package/package.json",
    content: `{"name":"n","version":"1.0.0","exports":${exported}}`,
  };
  const list = { name: "manifest.json", content: '"name":"a",'.repeat(300_000) };
  const framework = [
    { name: "A.xcframework/Info.plist", content: "<plist><!--".repeat(300_000) },
    { name: "A.xcframework/a/libA.a", content: library },
  ];
  return [
    { file: "exports.tgz", bytes: gzipSync(tarOf([npm, addon])) },
    { file: "digests.zip", bytes: zipOf([list, { name: "lib/a.so", content: library }]) },
    { file: "lists.zip", bytes: zipOf(framework), found: [["A.xcframework/Info.plist", "Info.plist: no"]] },
  ];
}

function bombs(library: Buffer): HostileInput[] {
  let deep = zipOf([{ name: "core", content: "x" }]);
  for (let depth = 0; depth < 10; depth += 1) deep = zipOf([{ name: "in.zip", content: deep }]);
  // Each looks among the others for what it needs.
  const libraries = Array.from({ length: 1500 }, (_, index) => ({
    name: `d/lib${index}.so`,
    content: library,
  }));
  const many = Array.from({ length: 100_000 }, (_, index) => ({ name: `d/${index}`, method: 0 }));
  return [
    {
      file: "ratio.zip",
      bytes: zipOf([{ name: "zeros", content: Buffer.alloc(40 * mebibyte) }]),
      found: [["zeros", "bomb"]],
    },
    { file: "ratio.tgz", bytes: gzipSync(Buffer.alloc(64 * mebibyte)), found: [[undefined, ""]] },
    { file: "deep.zip", bytes: deep, found: [["in.zip!/in.zip!/in.zip!/in.zip!/in.zip", "archives inside"]] },
    { file: "libraries.zip", bytes: zipOf(libraries) },
    { file: "members.zip", bytes: zipOf(many.slice(0, 20_000)) },
    { file: "members.tgz", bytes: gzipSync(tarOf(many)) },
  ];
}
