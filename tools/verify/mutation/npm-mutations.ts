// Mutations of what an npm package promises in its package.json.
import { partNamed, withText, type PackageMutation, type PackageOrigin } from "./package-mutation.ts";

const npm: PackageOrigin = { own: "npm package" };
const rollup: PackageOrigin = { corpus: "rollup-linux-x64-musl" };

export const npmMutations: readonly PackageMutation[] = [
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
