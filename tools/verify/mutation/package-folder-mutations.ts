// Mutations of what packages promise by the names of their folders.
import type { PackagePart } from "./package-archive.ts";
import { partNamed, resealed, type PackageMutation, type PackageOrigin } from "./package-mutation.ts";

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

export const packageFolderMutations: readonly PackageMutation[] = [
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
