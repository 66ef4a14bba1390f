// Mutations of what a package holds and of how it is packed.
import {
  part,
  partNamed,
  resealed,
  sha256,
  withPart,
  withText,
  without,
  type PackageMutation,
  type PackageOrigin,
} from "./package-mutation.ts";
import type { PackagePart } from "./package-archive.ts";

const linux: PackageOrigin = { own: "linux archive" };
const windows: PackageOrigin = { own: "windows archive" };
const npm: PackageOrigin = { own: "npm package" };
const rollup: PackageOrigin = { corpus: "rollup-linux-x64-musl" };
const wheel: PackageOrigin = { corpus: "cffi-musllinux-x86-64" };
const aar: PackageOrigin = { corpus: "fbjni" };
const numpy: PackageOrigin = { corpus: "numpy-macos-arm64" };

/** The one top folder of an archive of ours. */
const top = "tally-0.3.1-x86_64-unknown-linux-gnu/";

/** A part that nobody expects is added. */
function added(
  gate: string,
  breaks: string,
  origin: PackageOrigin,
  extra: PackagePart,
  section: string,
  value: string | RegExp,
): PackageMutation {
  const evidence = { part: extra.name, section, value };
  return { gate, breaks, origin, change: (parts) => ({ parts: resealed([...parts, extra]), evidence }) };
}

const gitLfsPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 70000\n";

const structure: readonly PackageMutation[] = [
  added(
    "package-structure",
    "a member leaves the folder that it is unpacked to",
    linux,
    part("../notes.txt", "x"),
    "name-escapes",
    'the name leads out of the folder by ".."',
  ),
  added(
    "package-structure",
    "a member leaves the folder that it is unpacked to",
    rollup,
    part("../notes.txt", "x"),
    "name-escapes",
    'the name leads out of the folder by ".."',
  ),
  added(
    "package-structure",
    "a member has an absolute path",
    windows,
    part("/etc/notes.txt", "x"),
    "name-absolute",
    "the name is an absolute path",
  ),
  {
    gate: "package-structure",
    breaks: "a member is there twice",
    origin: wheel,
    change: (parts) => {
      const twice = partNamed(parts, /\.dist-info\/WHEEL$/);
      return {
        parts: [...parts, twice],
        evidence: { part: twice.name, section: "duplicate-name", value: "the name stands twice" },
      };
    },
  },
  ...[
    { origin: linux, extra: part(`${top}license`, "x"), other: `${top}LICENSE` },
    { origin: rollup, extra: part("package/readme.MD", "x"), other: "package/README.md" },
  ].map(({ origin, extra, other }) =>
    added(
      "case-collision",
      "two files differ in the case of letters",
      origin,
      extra,
      "case-collision",
      `is the same as ${other} where case does not count`,
    ),
  ),
  ...[
    { origin: linux, name: `${top}share/aux.txt`, flaw: "aux.txt" },
    { origin: wheel, name: "cffi/what?.txt", flaw: "what?.txt" },
  ].map(({ origin, name, flaw }) =>
    added(
      "portable-path",
      "a file has a name that Windows does not take",
      origin,
      part(name, "x"),
      "name-not-portable",
      `Windows cannot write a file named ${JSON.stringify(flaw)}`,
    ),
  ),
  ...[
    { origin: npm, name: "package/fixture.node.1", target: "fixture.node" },
    { origin: aar, name: "jni/x86/libfbjni.so.1", target: "libfbjni.so" },
  ].map(({ origin, name, target }) =>
    added(
      "package-links",
      "a link is in a package of a registry",
      origin,
      { ...part(name, ""), symlink: target },
      "symlink",
      target,
    ),
  ),
];

/** Beyond the 100 MiB of PyPI. */
const tooLarge = 101 * 2 ** 20;

const contents: readonly PackageMutation[] = [
  ...[
    { origin: linux, library: /libfixture\.so$/ },
    { origin: rollup, library: /\.node$/ },
  ].map(({ origin, library }): PackageMutation => ({
    gate: "library-unreadable",
    breaks: "a pointer of Git LFS is in the place of a library",
    origin,
    change: (parts) => {
      const changed = partNamed(parts, library);
      const content = Buffer.from(gitLfsPointer);
      return {
        parts: resealed(withPart(parts, changed, (before) => ({ ...before, content }))),
        evidence: {
          part: changed.name,
          section: "content",
          value: /is of no known format; begins with "version https:/,
          offset: 0,
        },
      };
    },
  })),
  ...[
    { origin: linux, library: /libfixture\.so$/, copy: `${top}lib64/libfixture.so` },
    { origin: aar, library: /\/x86\/libfbjni\.so$/, copy: "jni/x86/copies/libfbjni.so" },
  ].map(({ origin, library, copy }): PackageMutation => ({
    gate: "duplicate-library",
    breaks: "a library is there twice",
    origin,
    change: (parts) => {
      const original = partNamed(parts, library);
      return {
        parts: [...parts, { ...original, name: copy }],
        evidence: { part: copy, section: "content", value: `the same bytes as ${original.name}` },
      };
    },
  })),
  ...[
    { origin: linux, library: /libfixture\.a$/, from: "good day", to: "good eve", names: /^fixture_/ },
    {
      origin: numpy,
      library: /numpy\/_core\/lib\/libnpymath\.a$/,
      from: "1763328798",
      to: "1763328799",
      names: /^npy_\w+ and \d+ more/,
    },
  ].map(({ origin, library, from, to, names }): PackageMutation => ({
    gate: "duplicate-symbols",
    breaks: "a second archive has the same functions",
    origin,
    change: (parts) => {
      const original = partNamed(parts, library);
      const text = original.content.toString("latin1").replace(from, to);
      const copy = original.name.replace(/\.a$/, "_two.a");
      const content = Buffer.from(text, "latin1");
      if (content.equals(original.content)) throw new Error(`${original.name} has no ${from}`);
      return {
        parts: resealed([...parts, { ...original, name: copy, content }]),
        evidence: { part: copy, section: "symbol tables of all members", value: names },
      };
    },
  })),
  ...[
    { origin: { made: "linux archive with a program" } as const, program: /bin\/fixture$/ },
    { origin: { corpus: "esbuild-linux-s390x" }, program: /bin\/esbuild$/ },
    { origin: { corpus: "esbuild-darwin-arm64" }, program: /bin\/esbuild$/ },
  ].map(({ origin, program }): PackageMutation => ({
    gate: "executable-bit",
    breaks: "a program may only be read",
    origin,
    change: (parts) => {
      const changed = partNamed(parts, program);
      return {
        parts: withPart(parts, changed, (before) => ({ ...before, mode: 0o644 })),
        evidence: { part: changed.name, section: "mode", value: "644" },
      };
    },
  })),
  ...[{ made: "linux wheel" } as const, wheel].map((origin): PackageMutation => ({
    gate: "package-size",
    breaks: "the wheel is larger than PyPI takes",
    origin,
    change: (parts) => {
      const data = part("data.bin", Buffer.alloc(tooLarge));
      return {
        parts: resealed([...parts, data]),
        evidence: {
          part: partNamed(parts, /\.dist-info\/WHEEL$/).name,
          section: "package",
          value: /^\d{9} bytes; PyPI takes 104857600$/,
        },
      };
    },
  })),
  ...[
    { origin: linux, licences: /\/LICENSE$/, library: /libfixture\.a$/ },
    { origin: wheel, licences: /\.dist-info\/licenses\//, library: /\.so$/ },
  ].map(({ origin, licences, library }): PackageMutation => ({
    gate: "licence-missing",
    breaks: "the licence was left out",
    origin,
    change: (parts) => ({
      parts: resealed(without(parts, licences)),
      evidence: {
        part: partNamed(parts, library).name,
        section: "package",
        value: "no LICENSE, COPYING, COPYRIGHT or NOTICE",
      },
    }),
  })),
  ...[
    { origin: linux, headers: /\.(h|pc)$/, library: /libfixture\.a$/ },
    { origin: numpy, headers: /\.(h|pc)$/, library: /libnpymath\.a$/ },
  ].map(({ origin, headers, library }): PackageMutation => ({
    gate: "headers-missing",
    breaks: "the headers were left out",
    origin,
    change: (parts) => ({
      parts: resealed(without(parts, headers)),
      evidence: { part: partNamed(parts, library).name, section: "package", value: "no header" },
    }),
  })),
];

const lists: readonly PackageMutation[] = [
  ...[
    { origin: linux, file: /pkgconfig\/tally\.pc$/, from: "prefix=${pcfiledir}", prefix: "/builds/tally" },
    { origin: numpy, file: /pkgconfig\/numpy\.pc$/, from: "prefix=${pcfiledir}", prefix: "/builds/numpy" },
  ].map(({ origin, file, from, prefix }): PackageMutation => ({
    gate: "pkg-config-prefix",
    breaks: "the pkg-config file names a folder of the build machine",
    origin,
    change: (parts) => {
      const changed = withText(parts, file, from, `prefix=${prefix}`);
      const { name, content } = partNamed(changed, file);
      const line = content.toString("utf8").split("\n")[0] ?? "";
      return {
        parts: resealed(changed),
        evidence: {
          part: name,
          section: "prefix",
          value: line.slice("prefix=".length),
          offset: "prefix=".length,
        },
      };
    },
  })),
  {
    gate: "manifest-digest",
    breaks: "a library was changed after it was listed",
    origin: linux,
    change: (parts) => {
      const library = partNamed(parts, /libfixture\.so$/);
      const manifest = partNamed(parts, /manifest\.json$/);
      const changed = withText(parts, /libfixture\.so$/, "good day", "good eve");
      const digest = sha256(partNamed(changed, /libfixture\.so$/).content).toString("hex");
      const listed = sha256(library.content).toString("hex");
      return {
        parts: changed,
        evidence: {
          part: manifest.name,
          section: "lib/libfixture.so",
          value: `${listed}; the file's is ${digest}`,
          offset: manifest.content.indexOf('"path": "lib/libfixture.so"'),
        },
      };
    },
  },
  {
    gate: "manifest-digest",
    breaks: "a list of sums has a wrong one",
    origin: rollup,
    change: (parts) => {
      const { name, content } = partNamed(parts, /\.node$/);
      const [right, wrong] = [sha256(content).toString("hex"), "0".repeat(64)];
      const sums = part("package/SHA256SUMS", `${wrong}  ${name.replace("package/", "")}\n`);
      return {
        parts: [...parts, sums],
        evidence: {
          part: sums.name,
          section: name.replace("package/", ""),
          value: `${wrong}; the file's is ${right}`,
          offset: 0,
        },
      };
    },
  },
];

export const packageContentsMutations: readonly PackageMutation[] = [...structure, ...contents, ...lists];
