// Finds every crate that ends up in the libraries of one target, with its licence texts.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crateOf } from "../matrix/crate.ts";
import type { Target } from "../matrix/target.ts";
import { ToolError } from "../shared/errors.ts";
import type { Command } from "../shared/process.ts";
import type { PackageContext } from "./context.ts";

export interface LinkedCrate {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  readonly texts: readonly { readonly fileName: string; readonly text: string }[];
}

interface CrateFacts {
  readonly name: string;
  readonly version: string;
  readonly license: string | null;
  readonly manifest: string;
  /** Crates of this workspace have no source; the project's own licence covers them. */
  readonly isOwn: boolean;
}

/** Sorted by name and version; without the project's own crates, build scripts, procedural macros and dev-dependencies. */
export async function linkedCrates(target: Target, context: PackageContext): Promise<LinkedCrate[]> {
  const facts = await crateFacts(target, context);
  const linked = await linkedNames(target, context);
  const foreign = [...linked].sort().flatMap((name) => {
    const crate = facts.get(name) ?? raise(unknownCrate(name));
    return crate.isOwn ? [] : [crate];
  });
  return Promise.all(foreign.map(withTexts));
}

/** `cargo tree` resolves features for this one package; `cargo metadata` would add what other members switch on. */
async function linkedNames(target: Target, context: PackageContext): Promise<Set<string>> {
  const perTriple = (target.slices ?? [target.triple]).map((triple) =>
    linkedNamesOf(triple, target, context),
  );
  return new Set((await Promise.all(perTriple)).flatMap((names) => [...names]));
}

async function linkedNamesOf(triple: string, target: Target, context: PackageContext): Promise<Set<string>> {
  const { project } = context;
  const crate = crateOf(project, target);
  const edges = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--no-dedupe"];
  const args = ["tree", "--locked", "--manifest-path", join(project.root, crate.manifest)];
  const output = await cargo(
    [...args, "--package", crate.package, "--target", triple, ...edges, "--format", "{p}"],
    context,
  );
  return new Set(parseTree(output));
}

/** Lines are "name v1.2.3", with " (path)", " (proc-macro)" or " (*)" after it. */
export function parseTree(output: string): string[] {
  return output
    .split("\n")
    .map((line) => /^(\S+) v(\S+)/.exec(line))
    .flatMap((match) => (match === null ? [] : [`${match[1]}@${match[2]}`]));
}

async function crateFacts(target: Target, context: PackageContext): Promise<Map<string, CrateFacts>> {
  const { project } = context;
  const manifest = join(project.root, crateOf(project, target).manifest);
  const output = await cargo(
    ["metadata", "--locked", "--format-version", "1", "--manifest-path", manifest],
    context,
  );
  const metadata = JSON.parse(output) as { packages: readonly MetadataPackage[] };
  return new Map(metadata.packages.map((item) => [`${item.name}@${item.version}`, factsOf(item)]));
}

/** The members of a package in cargo's metadata, format version 1, that are read here. */
interface MetadataPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string | null;
  readonly manifest_path: string;
  readonly source: string | null;
}

function factsOf(item: MetadataPackage): CrateFacts {
  const { name, version, license, manifest_path: manifest, source } = item;
  return { name, version, license, manifest, isOwn: source === null };
}

async function cargo(args: readonly string[], context: PackageContext): Promise<string> {
  const command: Command = { program: "cargo", args, cwd: context.project.root };
  const exit = await context.process.run(
    command,
    context.signal === undefined ? {} : { signal: context.signal },
  );
  if (exit.code === 0) return exit.stdout;
  throw new ToolError({
    code: "cargo-failed",
    family: "finding",
    message: `cargo ${args[0]} failed: ${exit.stderr.trim()}`,
    remedy: `run it by hand: cargo ${args.join(" ")}`,
  });
}

async function withTexts(crate: CrateFacts): Promise<LinkedCrate> {
  const { name, version, license } = crate;
  const texts = await licenseTexts(dirname(crate.manifest));
  if (license === null || texts.length === 0) throw noLicense(crate);
  return { name, version, license, texts: preferred(texts) };
}

async function licenseTexts(directory: string): Promise<LinkedCrate["texts"]> {
  const files = (await readdir(directory, { withFileTypes: true })).filter((file) => file.isFile());
  const names = files.map((file) => file.name).filter((name) => licenseFile.test(name));
  const read = async (fileName: string): Promise<LinkedCrate["texts"][number]> => {
    const text = await readFile(join(directory, fileName), "utf8");
    return { fileName, text: text.replace(/\r\n/g, "\n") };
  };
  return Promise.all(names.sort().map(read));
}

const licenseFile = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;

/** Of "MIT OR Apache-2.0" the shorter text is enough; NOTICE and COPYRIGHT files always go along. */
function preferred(texts: LinkedCrate["texts"]): LinkedCrate["texts"] {
  const isMit = (text: LinkedCrate["texts"][number]): boolean => /mit/i.test(text.fileName);
  const isApache = (text: LinkedCrate["texts"][number]): boolean => /apache/i.test(text.fileName);
  return texts.some(isMit) ? texts.filter((text) => !isApache(text)) : texts;
}

function unknownCrate(name: string): ToolError {
  const message = `cargo tree names ${name}, which cargo metadata does not know`;
  return new ToolError({
    code: "unknown-crate",
    family: "finding",
    message,
    remedy: "run: cargo generate-lockfile",
  });
}

function noLicense({ name, version, license, manifest }: CrateFacts): ToolError {
  const lacks = license === null ? "declares no licence" : "ships no licence text";
  return new ToolError({
    code: "missing-licence",
    family: "finding",
    message: `${name} ${version} ${lacks} (${dirname(manifest)})`,
    remedy: "replace the crate; its notice cannot be passed on",
  });
}

function raise(error: Error): never {
  throw error;
}
