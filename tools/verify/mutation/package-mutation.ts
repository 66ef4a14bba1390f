// What a mutation of a package is: a good archive, one property broken by other parts, and the one gate that must tell.
import { createHash } from "node:crypto";
import type { PackagePart } from "./package-archive.ts";

/**
 * Where the good package comes from: the package stage fed with the committed fixtures, the fixtures in a form that
 * the package stage does not write, or a registry.
 */
export type PackageOrigin =
  { readonly own: OwnPackage } | { readonly made: MadePackage } | { readonly corpus: string };

export type OwnPackage = "linux archive" | "windows archive" | "npm package" | "xcframework";
export type MadePackage = "linux wheel" | "macos wheel" | "aar" | "nupkg" | "linux archive with a program";

export interface PackageMutation {
  /** The gate that must report it, and the only one that did not before. */
  readonly gate: string;
  /** What is broken, as part of a sentence. */
  readonly breaks: string;
  readonly origin: PackageOrigin;
  /** What is broken, in the good package's parts. */
  change(parts: readonly PackagePart[]): BrokenPackage;
}

export interface BrokenPackage {
  readonly parts: readonly PackagePart[];
  /** The name that the package gets, where its name is what is broken or belongs to it. */
  readonly fileName?: (name: string) => string;
  readonly evidence: PackageEvidence;
}

export interface PackageEvidence {
  /** Name of the part that must be blamed. */
  readonly part: string;
  readonly section: string | RegExp;
  readonly value: string | RegExp;
  /** A place inside the part; without it, the part's header. */
  readonly offset?: number;
}

export function part(name: string, content: Buffer | string, mode = 0o644): PackagePart {
  return { name, content: Buffer.from(content), mode };
}

/** The one part whose name matches. */
export function partNamed(parts: readonly PackagePart[], name: RegExp): PackagePart {
  const [found, ...more] = parts.filter((candidate) => name.test(candidate.name));
  if (found === undefined || more.length > 0)
    throw new Error(`${String(name)} names ${more.length + 1} parts`);
  return found;
}

/** The parts with one of them changed. */
export function withPart(
  parts: readonly PackagePart[],
  changed: PackagePart,
  change: (part: PackagePart) => PackagePart,
): PackagePart[] {
  return parts.map((candidate) => (candidate === changed ? change(candidate) : candidate));
}

export function without(parts: readonly PackagePart[], names: RegExp): PackagePart[] {
  const left = parts.filter(({ name }) => !names.test(name));
  if (left.length === parts.length) throw new Error(`${String(names)} names no part`);
  return left;
}

/** Replaces a text that must be there. */
export function withText(
  parts: readonly PackagePart[],
  name: RegExp,
  from: string,
  to: string,
): PackagePart[] {
  const changed = partNamed(parts, name);
  const text = changed.content.toString("latin1");
  if (!text.includes(from)) throw new Error(`${changed.name} has no ${JSON.stringify(from)}`);
  const content = Buffer.from(text.replaceAll(from, to), "latin1");
  return withPart(parts, changed, (before) => ({ ...before, content }));
}

/** The parts with every list of digests in them true again, so that a change elsewhere leaves the lists good. */
export function resealed(parts: readonly PackagePart[]): PackagePart[] {
  const sealed = parts.map((candidate) =>
    /(^|\/)manifest\.json$/.test(candidate.name) ? withDigests(candidate, parts) : candidate,
  );
  return sealed.map((candidate) =>
    candidate.name.endsWith(".dist-info/RECORD")
      ? { ...candidate, content: record(candidate, sealed) }
      : candidate,
  );
}

function withDigests(manifest: PackagePart, parts: readonly PackagePart[]): PackagePart {
  const folder = manifest.name.slice(0, manifest.name.lastIndexOf("/") + 1);
  const value = JSON.parse(manifest.content.toString("utf8")) as { files?: { path: string }[] };
  if (!Array.isArray(value.files)) return manifest;
  const files = value.files.map((file) => {
    const found = parts.find(({ name }) => name === `${folder}${file.path}`);
    const bytes = found?.content.length;
    return found === undefined ? file : { ...file, bytes, sha256: sha256(found.content).toString("hex") };
  });
  const text = `${JSON.stringify({ ...value, files }, null, 2)}\n`;
  return { ...manifest, content: Buffer.from(text) };
}

function record(old: PackagePart, parts: readonly PackagePart[]): Buffer {
  const lines = parts.map(({ name, content }) =>
    name === old.name
      ? `${name},,`
      : `${name},sha256=${sha256(content).toString("base64url")},${content.length}`,
  );
  return Buffer.from(`${lines.join("\n")}\n`);
}

export function sha256(content: Buffer): Buffer {
  return createHash("sha256").update(content).digest();
}
