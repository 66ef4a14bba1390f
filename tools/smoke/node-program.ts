// Finds the Node that runs a platform's packages: this one, or a foreign one from npm in the cache folder.
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { fetchLimitMs, type FetchRequest } from "./fetch-request.ts";
import type { Host } from "./host.ts";
import { nodePackages } from "./requirements.ts";

export type NodeChoice =
  | { readonly kind: "node"; readonly program: string }
  | {
      readonly kind: "missing";
      readonly reason: string;
      readonly remedy: string;
      /** A registry that did not answer may do so next time. */
      readonly transient: boolean;
    }
  /** No Node release exists for the platform, or none that can be had here. */
  | { readonly kind: "impossible" };

export interface NodeRequest extends FetchRequest {
  readonly target: Target;
}

/** Whether any Node runs the packages of the target on this kind of machine. */
export function hasNode(target: Target, host: Host): boolean {
  return isThisNode(target, host) || foreignNode(target) !== undefined;
}

export async function chooseNode(request: NodeRequest): Promise<NodeChoice> {
  const { target, host } = request;
  if (isThisNode(target, host)) return { kind: "node", program: process.execPath };
  const foreign = foreignNode(target);
  if (foreign === undefined) return { kind: "impossible" };
  return fetchNode(request, foreign);
}

type ForeignNode = (typeof nodePackages)[keyof typeof nodePackages];

function foreignNode({ node }: Target): ForeignNode | undefined {
  if (node === undefined || node.libc === "musl") return undefined;
  return (nodePackages as Readonly<Record<string, ForeignNode>>)[`${node.os}-${node.cpu}`];
}

function isThisNode({ node }: Target, host: Host): boolean {
  if (node === undefined || node.os !== host.platform || node.cpu !== host.arch) return false;
  return node.os !== "linux" || node.libc === libcOfThisNode();
}

/** The running process knows; files on the disk may belong to another C library. */
function libcOfThisNode(): "glibc" | "musl" {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

async function fetchNode(request: NodeRequest, wanted: ForeignNode): Promise<NodeChoice> {
  const directory = join(request.cacheDirectory, `${wanted.name}-${wanted.version}`);
  const program = join(directory, "node_modules", wanted.name, wanted.program);
  if (existsSync(program)) return { kind: "node", program };
  const specifier = `${wanted.name}@${wanted.version}`;
  // Never part of our own tree: the package is for another platform, hence --force.
  const install = ["install", "--force", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  const remedy = `npm install --force --no-save --prefix ${directory} ${specifier}`;
  if (request.offline)
    return {
      kind: "missing",
      reason: `${specifier} is not in the cache and --offline is set`,
      remedy,
      transient: false,
    };
  request.onFetch?.(specifier, wanted.megabytes * 1_000_000, directory);
  const unfinished = `${directory}.${process.pid}.unfinished`;
  await mkdir(unfinished, { recursive: true });
  try {
    const command = {
      program: "npm",
      args: [...install, "--prefix", unfinished, specifier],
      timeoutMs: fetchLimitMs,
    };
    const exit = await request.process.run(
      command,
      request.signal === undefined ? {} : { signal: request.signal },
    );
    if (exit.code !== 0)
      return {
        kind: "missing",
        reason: `npm could not fetch ${specifier}: ${lastLine(exit.stderr)}`,
        remedy,
        transient: true,
      };
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
    return { kind: "node", program };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
