// Finds the pinned zig in the cache or fetches it through the user's own pip, whose configured indexes thus apply.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ToolError } from "../shared/errors.ts";
import { FileDigests } from "../shared/file-digest.ts";
import type { Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";
import { settle } from "./generated-folder.ts";
import type { ZigFacts } from "./toolchain.ts";
import { zigProgram } from "./zig.ts";

const requirementsFile = join(import.meta.dirname, "data", "zig-requirements.txt");
const unpackTimeoutMs = 300_000;
const downloadTimeoutMs = 1_800_000;

export interface ZigRequirement {
  readonly version: string;
  readonly hashes: readonly string[];
}

interface Stamp {
  readonly wheelSha256: string;
  readonly programSha256: string;
}

export async function zigRequirement(): Promise<ZigRequirement> {
  return parseRequirement(await readFile(requirementsFile, "utf8"));
}

export function parseRequirement(text: string): ZigRequirement {
  const version = /^ziglang==(\S+)/m.exec(text)?.[1];
  if (version === undefined) throw new TypeError(`${requirementsFile} pins no ziglang`);
  return {
    version,
    hashes: [...text.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map((match) => match[1] ?? ""),
  };
}

/** Folder of the unpacked wheel; it exists only when complete. */
export function zigFolder(cache: string, version: string): string {
  return join(cache, `zig-${version}`, "ziglang");
}

/** True if the folder holds what a wheel of a pinned hash held. */
export async function isIntact(directory: string, requirement: ZigRequirement): Promise<boolean> {
  try {
    const stamp = JSON.parse(await readFile(join(directory, "..", "wheel.json"), "utf8")) as Stamp;
    // 170 MB: read again only when the file system says that something touched it.
    const digests = new FileDigests(join(directory, "..", "digests.json"));
    const program = await digests.of(zigProgram({ directory } as ZigFacts));
    await digests.save().catch(() => undefined);
    return requirement.hashes.includes(stamp.wheelSha256) && stamp.programSha256 === program;
  } catch {
    return false;
  }
}

export async function fetchZig(
  zig: ZigFacts,
  requirement: ZigRequirement,
  context: { process: Process; progress: ProgressSink; signal?: AbortSignal },
): Promise<void> {
  if (zig.state.kind !== "fetchable") return;
  const home = join(zig.directory, "..");
  const parent = join(home, "..");
  await mkdir(parent, { recursive: true });
  await rm(home, { recursive: true, force: true });
  const draft = await mkdtemp(`${home}.draft-`);
  try {
    const wheel = await download(zig.state.python, draft, home, context);
    await unpackWheel(zig.state.python, wheel, join(draft, "content"), requirement, context.process);
    await settle(join(draft, "content"), home);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function download(
  python: string,
  draft: string,
  home: string,
  { process, progress, signal }: { process: Process; progress: ProgressSink; signal?: AbortSignal },
): Promise<string> {
  const flags = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--disable-pip-version-check"];
  const command = {
    program: python,
    args: ["-m", "pip", "download", ...flags, "--progress-bar=off", "-r", requirementsFile, "-d", draft],
    timeoutMs: downloadTimeoutMs,
  };
  const announce = (line: string): void => {
    const size = /Downloading .*\(([\d.]+) ([kMG])B\)/.exec(line);
    if (size === null) return;
    const scale = { k: 1e3, M: 1e6, G: 1e9 }[size[2] as "k" | "M" | "G"];
    progress.emit({
      type: "fetch",
      what: "zig wheel (pip)",
      bytes: Math.round(Number(size[1]) * scale),
      into: home,
    });
  };
  const exit = await process.run(command, { onLine: announce, ...(signal === undefined ? {} : { signal }) });
  const wheel = (await readdir(draft)).find((name) => name.endsWith(".whl"));
  if (exit.code === 0 && wheel !== undefined) return join(draft, wheel);
  throw new ToolError({
    code: /hash/i.test(exit.stderr) ? "zig-hash-mismatch" : "zig-not-fetched",
    family: "environment",
    message: `pip could not fetch the pinned zig:\n${exit.stderr.trim().split("\n").slice(-6).join("\n")}`,
    remedy: `${python} -m pip download -r ${requirementsFile} (must work), or set a package index with pip config`,
  });
}

/** Unpacks a wheel of a pinned hash into `directory` and records what it was. */
export async function unpackWheel(
  python: string,
  wheel: string,
  directory: string,
  requirement: ZigRequirement,
  process: Process,
): Promise<void> {
  const wheelSha256 = await sha256OfFile(wheel);
  if (!requirement.hashes.includes(wheelSha256)) throw wrongHash(wheel, wheelSha256);
  await mkdir(directory, { recursive: true });
  const args = ["-m", "zipfile", "-e", wheel, directory];
  const exit = await process.run({ program: python, args, timeoutMs: unpackTimeoutMs });
  if (exit.code !== 0) throw notUnpacked(wheel, exit.stderr);
  const program = zigProgram({ directory: join(directory, "ziglang") } as ZigFacts);
  // Python's zipfile drops the executable bit.
  await chmod(program, 0o755);
  const stamp: Stamp = { wheelSha256, programSha256: await sha256OfFile(program) };
  await writeFile(join(directory, "wheel.json"), `${JSON.stringify(stamp, null, 2)}\n`);
}

function wrongHash(wheel: string, found: string): ToolError {
  return new ToolError({
    code: "zig-hash-mismatch",
    family: "environment",
    message: `${wheel} has SHA-256 ${found}, which is none of the pinned ones in ${requirementsFile}`,
    remedy: "use a package index that serves the published wheel",
  });
}

function notUnpacked(wheel: string, detail: string): ToolError {
  return new ToolError({
    code: "zig-not-unpacked",
    family: "environment",
    message: `cannot unpack ${wheel}: ${detail.trim()}`,
    remedy: "free disk space (the wheel unpacks to about 400 MB) and run again",
  });
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
