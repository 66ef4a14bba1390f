// Mutations of what packages promise by their tags, manifests, folders and property lists.
import { versionNeedAt } from "./elf-writer.ts";
import { commandAt, loadCommand, sign } from "./macho-writer.ts";
import {
  partNamed,
  resealed,
  withPart,
  withText,
  type PackageMutation,
  type PackageOrigin,
} from "./package-mutation.ts";
import type { PackagePart } from "./package-archive.ts";

const linuxWheel: PackageOrigin = { made: "linux wheel" };
const macosWheel: PackageOrigin = { made: "macos wheel" };
const cffiLinux: PackageOrigin = { corpus: "cffi-manylinux-ppc64le" };
const cffiMusl: PackageOrigin = { corpus: "cffi-musllinux-x86-64" };
const cffiMac: PackageOrigin = { corpus: "cffi-macos-arm64" };
const cffiWindows: PackageOrigin = { corpus: "cffi-win-arm64" };
const npm: PackageOrigin = { own: "npm package" };
const rollup: PackageOrigin = { corpus: "rollup-linux-x64-musl" };
const xcframework: PackageOrigin = { own: "xcframework" };

const wheelFile = /\.dist-info\/WHEEL$/;
const module = /^[^/]+\.(so|pyd)$/;

/** A tag is another, in the WHEEL file and in the wheel's name. */
function retagged(
  parts: readonly PackagePart[],
  from: string,
  to: string,
): { parts: PackagePart[]; fileName: (name: string) => string } {
  return {
    parts: resealed(withText(parts, wheelFile, from, to)),
    fileName: (name) => name.replaceAll(from, to),
  };
}

const wheels: readonly PackageMutation[] = [
  ...[
    {
      origin: linuxWheel,
      from: "_x86_64",
      to: "_aarch64",
      section: "WHEEL Tag manylinux_2_17_aarch64",
      value: "the library is for x86_64, linux, glibc",
    },
    {
      origin: cffiMusl,
      from: "musllinux_1_2",
      to: "manylinux_2_17",
      section: "WHEEL Tag manylinux_2_17_x86_64",
      value: "the library is for x86_64, linux, musl",
    },
    {
      origin: cffiWindows,
      from: "win_arm64",
      to: "win_amd64",
      section: "WHEEL Tag win_amd64",
      value: "the library is for aarch64, windows",
    },
  ].map(({ origin, from, to, section, value }): PackageMutation => ({
    gate: "wheel-tag",
    breaks: "the tag is of another platform",
    origin,
    change: (parts) => ({
      ...retagged(parts, from, to),
      evidence: { part: partNamed(parts, module).name, section, value },
    }),
  })),
  {
    gate: "wheel-glibc",
    breaks: "the library needs a newer glibc than the tag says",
    origin: linuxWheel,
    change: (parts) => {
      const changed = withText(parts, module, "GLIBC_2.2.5", "GLIBC_2.99\0");
      return {
        parts: resealed(changed),
        evidence: {
          part: partNamed(parts, module).name,
          section: ".gnu.version_r",
          value: "GLIBC_2.99, tag manylinux_2_17_x86_64",
          offset: versionNeedAt(partNamed(parts, module).content, "GLIBC_2.2.5"),
        },
      };
    },
  },
  {
    gate: "wheel-glibc",
    breaks: "the tag says an older glibc than the library needs",
    origin: cffiLinux,
    change: (parts) => {
      const older = withText(parts, wheelFile, "manylinux2014", "manylinux_2_16");
      const { content, name } = partNamed(parts, module);
      return {
        parts: resealed(older),
        fileName: (before) => before.replace("manylinux2014", "manylinux_2_16"),
        evidence: {
          part: name,
          section: ".gnu.version_r",
          value: "GLIBC_2.17, tag manylinux_2_16_ppc64le",
          offset: versionNeedAt(content, "GLIBC_2.17"),
        },
      };
    },
  },
  ...[macosWheel, cffiMac].map((origin): PackageMutation => ({
    gate: "wheel-minimum-os",
    breaks: "the library needs a newer macOS than the tag says",
    origin,
    change: (parts) => {
      const changed = partNamed(parts, module);
      const library = Buffer.from(changed.content);
      const at = commandAt(library, loadCommand.buildVersion) + 12;
      library.writeUInt32LE(12 << 16, at);
      const content = sign(library);
      return {
        parts: resealed(withPart(parts, changed, (before) => ({ ...before, content }))),
        evidence: {
          part: changed.name,
          section: "LC_BUILD_VERSION",
          value: "12.0, tag macosx_11_0_arm64",
          offset: at,
        },
      };
    },
  })),
  ...[
    { origin: linuxWheel, from: "manylinux_2_17", to: "manylinux_2_28" },
    { origin: cffiMac, from: "macosx_11_0", to: "macosx_12_0" },
  ].map(({ origin, from, to }): PackageMutation => ({
    gate: "wheel-file-name",
    breaks: "the wheel was renamed",
    origin,
    change: (parts) => ({
      parts,
      fileName: (name) => name.replace(from, to),
      evidence: {
        part: partNamed(parts, wheelFile).name,
        section: "WHEEL Tag",
        value: new RegExp(`the file's name says ${to}`),
      },
    }),
  })),
  ...[
    { origin: linuxWheel, file: wheelFile, from: "Generator: ", to: "Generated: " },
    { origin: cffiMusl, file: /METADATA$/, from: "Summary: ", to: "Comment: " },
  ].map(({ origin, file, from, to }): PackageMutation => ({
    gate: "wheel-record",
    breaks: "a file was changed after it was recorded",
    origin,
    change: (parts) => ({
      parts: withText(parts, file, from, to),
      evidence: {
        part: partNamed(parts, file).name,
        section: "RECORD",
        value: /^sha256=\S+ is not the file's hash$/,
      },
    }),
  })),
  ...[linuxWheel, cffiMusl].map((origin): PackageMutation => ({
    gate: "wheel-purelib",
    breaks: "the wheel says that it is pure Python",
    origin,
    change: (parts) => ({
      parts: resealed(withText(parts, wheelFile, "Root-Is-Purelib: false", "Root-Is-Purelib: true")),
      evidence: {
        part: partNamed(parts, wheelFile).name,
        section: "WHEEL Root-Is-Purelib",
        value: "true",
      },
    }),
  })),
  ...[linuxWheel, cffiMusl, cffiMac, cffiWindows].map((origin): PackageMutation => ({
    gate: "python-module-entry",
    breaks: "a module was renamed",
    origin,
    change: (parts) => {
      const renamed = partNamed(parts, module);
      const name = renamed.name.replace(/^\w+/, "other");
      return {
        parts: resealed(withPart(parts, renamed, (before) => ({ ...before, name }))),
        evidence: { part: name, section: "exports", value: "no PyInit_other" },
      };
    },
  })),
];

const manifests: readonly PackageMutation[] = [
  ...[
    { origin: npm, from: '"x64"', to: '"arm64"', value: "the library is for x86_64" },
    { origin: rollup, from: '"musl"', to: '"glibc"', value: "the library is for x86_64, linux, musl" },
  ].map(({ origin, from, to, value }): PackageMutation => ({
    gate: "npm-platform",
    breaks: "package.json names another platform",
    origin,
    change: (parts) => ({
      parts: withText(parts, /^package\/package\.json$/, from, to),
      evidence: {
        part: partNamed(parts, /\.node$/).name,
        section: "package.json os, cpu, libc",
        value,
      },
    }),
  })),
  ...[npm, rollup].map((origin): PackageMutation => ({
    gate: "npm-libc",
    breaks: "package.json names no C library",
    origin,
    change: (parts) => ({
      parts: withText(parts, /^package\/package\.json$/, '"libc"', '"clib"'),
      evidence: { part: "package/package.json", section: "package.json libc", value: "none" },
    }),
  })),
  ...[npm, rollup].map((origin): PackageMutation => ({
    gate: "npm-main",
    breaks: "package.json names a file that is not there",
    origin,
    change: (parts) => {
      const main = /"main":\s*"([^"]+)"/.exec(
        partNamed(parts, /^package\/package\.json$/).content.toString("utf8"),
      )?.[1];
      return {
        parts: withText(parts, /^package\/package\.json$/, `"main": "${main ?? ""}"`, '"main": "gone.node"'),
        evidence: { part: "package/package.json", section: "package.json main", value: "gone.node" },
      };
    },
  })),
];

/** Two files take each other's place. */
function swapped(parts: readonly PackagePart[], one: RegExp, other: RegExp): PackagePart[] {
  const [left, right] = [partNamed(parts, one), partNamed(parts, other)];
  return resealed(
    parts.map((candidate) => {
      if (candidate === left) return { ...left, content: right.content };
      return candidate === right ? { ...right, content: left.content } : candidate;
    }),
  );
}

const folders: readonly PackageMutation[] = [
  ...[{ made: "aar" } as const, { corpus: "fbjni" }].map((origin: PackageOrigin): PackageMutation => {
    const [one, other] = [
      /jni\/arm64-v8a\/lib(fixture|fbjni)\.so$/,
      /jni\/armeabi-v7a\/lib(fixture|fbjni)\.so$/,
    ];
    return {
      gate: "android-abi",
      breaks: "the libraries of two ABIs took each other's place",
      origin,
      change: (parts) => ({
        parts: swapped(parts, one, other),
        evidence: {
          part: partNamed(parts, one).name,
          section: "folder arm64-v8a",
          value: "the library is for armv7, android",
        },
      }),
    };
  }),
  {
    gate: "nuget-runtime",
    breaks: "the libraries of two runtime identifiers took each other's place",
    origin: { made: "nupkg" },
    change: (parts) => ({
      parts: swapped(parts, /runtimes\/linux-x64\//, /runtimes\/linux-musl-x64\//),
      evidence: {
        part: "runtimes/linux-x64/native/libfixture.so",
        section: "folder runtimes/linux-x64",
        value: "the library is for x86_64, linux, musl",
      },
    }),
  },
  ...[
    {
      origin: { own: "linux archive" } as const,
      part: "tally-0.3.1-aarch64-unknown-linux-gnu/lib/libfixture.a",
      value: "the library is for x86_64",
    },
    {
      origin: { own: "windows archive" } as const,
      part: "tally-0.3.1-aarch64-pc-windows-gnullvm/bin/fixture.dll",
      value: "the library is for x86_64, windows",
    },
  ].map(({ origin, part, value }): PackageMutation => ({
    gate: "path-platform",
    breaks: "the library is of another processor than the folder's name",
    origin,
    change: (parts) => ({
      parts: parts.map((candidate) => ({
        ...candidate,
        name: candidate.name.replace("-x86_64-", "-aarch64-"),
      })),
      evidence: { part, section: "path", value },
    }),
  })),
  {
    gate: "path-platform",
    breaks: "the libraries of two processors took each other's place",
    origin: { corpus: "jna" },
    change: (parts) => ({
      parts: swapped(parts, /linux-x86-64\/libjnidispatch\.so$/, /linux-aarch64\/libjnidispatch\.so$/),
      evidence: {
        part: "com/sun/jna/linux-x86-64/libjnidispatch.so",
        section: "path",
        value: "the library is for aarch64, linux, glibc",
      },
    }),
  },
];

const apple: readonly PackageMutation[] = [
  ...[
    {
      origin: xcframework,
      from: "<string>arm64</string>",
      to: "<string>arm64e</string>",
      section: /^Info\.plist ios-arm64.* SupportedArchitectures$/,
      value: "arm64e; the library has arm64",
    },
    {
      origin: { corpus: "expo-sqlite" },
      from: "<string>x86_64</string>",
      to: "<string>i386</string>",
      section: "Info.plist ios-arm64_x86_64-simulator SupportedArchitectures",
      value: "arm64, i386; the library has arm64, x86_64",
    },
    {
      origin: { corpus: "expo-sqlite" },
      from: "<string>crsqlite.framework</string>",
      to: "<string>other.framework</string>",
      section: "Info.plist ios-arm64_x86_64-simulator LibraryPath",
      value: "other.framework is not there",
    },
  ].map(({ origin, from, to, section, value }): PackageMutation => ({
    gate: "xcframework-plist",
    breaks: `the property list says ${to}`,
    origin,
    change: (parts) => {
      const list = partNamed(parts, /\.xcframework\/Info\.plist$/);
      return {
        parts: resealed(withText(parts, /\.xcframework\/Info\.plist$/, from, to)),
        evidence: { part: list.name, section, value },
      };
    },
  })),
  ...[
    { origin: xcframework, map: /ios-arm64\/Headers\/.*modulemap$/, header: "tally.h" },
    { origin: { corpus: "capacitor-ios" }, map: /\/Capacitor\.modulemap$/, header: "Capacitor.h" },
  ].map(({ origin, map, header }): PackageMutation => ({
    gate: "module-map",
    breaks: "the module map names another header",
    origin,
    change: (parts) => ({
      parts: resealed(withText(parts, map, `header "${header}"`, 'header "gone.h"')),
      evidence: { part: partNamed(parts, map).name, section: "module map header", value: "gone.h" },
    }),
  })),
];

export const packageTagMutations: readonly PackageMutation[] = [
  ...wheels,
  ...manifests,
  ...folders,
  ...apple,
];
