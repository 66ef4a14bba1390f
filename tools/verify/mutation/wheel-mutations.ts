// Mutations of what a wheel promises by its tags, its record and its module.
import { versionNeedAt } from "./elf-writer.ts";
import { commandAt, loadCommand, sign } from "./macho-writer.ts";
import type { PackagePart } from "./package-archive.ts";
import {
  partNamed,
  resealed,
  withPart,
  withText,
  type PackageMutation,
  type PackageOrigin,
} from "./package-mutation.ts";

const linuxWheel: PackageOrigin = { made: "linux wheel" };
const macosWheel: PackageOrigin = { made: "macos wheel" };
const cffiLinux: PackageOrigin = { corpus: "cffi-manylinux-ppc64le" };
const cffiMusl: PackageOrigin = { corpus: "cffi-musllinux-x86-64" };
const cffiMac: PackageOrigin = { corpus: "cffi-macos-arm64" };
const cffiWindows: PackageOrigin = { corpus: "cffi-win-arm64" };

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

export const wheelMutations: readonly PackageMutation[] = [
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
