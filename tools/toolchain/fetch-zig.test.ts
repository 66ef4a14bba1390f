// The pinned zig: a wheel of another content is refused, a damaged cache is not trusted.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { zipSync } from "fflate";
import { systemProcess, type Process } from "../shared/process.ts";
import { fetchZig, isIntact, parseRequirement, unpackWheel, zigFolder, zigRequirement } from "./fetch-zig.ts";
import type { ZigFacts } from "./toolchain.ts";

const wheelBytes = zipSync({
  "ziglang/zig": Buffer.from("#!/bin/sh\necho 0.15.2\n"),
  "ziglang/zig.exe": Buffer.from("MZ"),
});
const wheelHash = createHash("sha256").update(wheelBytes).digest("hex");
const pinned = { version: "0.15.2", hashes: [wheelHash] };

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "zig-test-"));
});
afterEach(() => rm(cache, { recursive: true, force: true }));

/** pip as it behaves when the index answers: the file appears in the folder after -d. */
function pipThatSaves(bytes: Uint8Array): Process {
  return {
    run: async (command, options) => {
      if (!command.args.includes("download")) return systemProcess.run(command, options);
      const folder = command.args[command.args.indexOf("-d") + 1] ?? "";
      await writeFile(join(folder, "ziglang-0.15.2.whl"), bytes);
      options?.onLine?.("  Downloading ziglang-0.15.2.whl (93.5 MB)", "stdout");
      return { command, code: 0, signal: null, timedOut: false, stdout: "", stderr: "", durationMs: 1 };
    },
  };
}

function facts(): ZigFacts {
  return {
    version: "0.15.2",
    directory: zigFolder(cache, "0.15.2"),
    state: { kind: "fetchable", python: "python3" },
  };
}

describe("the pinned zig", () => {
  it("is pinned with one hash for each kind of build machine", async () => {
    const { version, hashes } = await zigRequirement();
    expect(version).toBe("0.15.2");
    expect(new Set(hashes).size).toBe(6);
  });

  it("is unpacked, made executable and known as intact", async () => {
    const events: unknown[] = [];
    const progress = { emit: (event: unknown) => void events.push(event) };
    await fetchZig(facts(), pinned, { process: pipThatSaves(wheelBytes), progress });
    expect(await isIntact(facts().directory, pinned)).toBe(true);
    expect((await stat(join(facts().directory, "zig"))).mode & 0o111).not.toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ type: "fetch", bytes: 93_500_000 }));
  });

  it("is refused when the wheel has another hash, and nothing stays in the cache", async () => {
    const other = { version: "0.15.2", hashes: ["0".repeat(64)] };
    const fetching = fetchZig(facts(), other, {
      process: pipThatSaves(wheelBytes),
      progress: { emit: () => undefined },
    });
    await expect(fetching).rejects.toMatchObject({ code: "zig-hash-mismatch", exitCode: 3 });
    await expect(stat(facts().directory)).rejects.toThrow();
  });

  it("is refused by the real pip when an index serves another file of that name", async () => {
    const index = join(cache, "index");
    await mkdir(index);
    await writeFile(join(index, "ziglang-0.15.2-py3-none-any.whl"), wheelBytes);
    const env = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: index, PIP_CONFIG_FILE: "/dev/null" };
    const process: Process = { run: (command, options) => systemProcess.run({ ...command, env }, options) };
    const fetching = fetchZig(facts(), await zigRequirement(), {
      process,
      progress: { emit: () => undefined },
    });
    await expect(fetching).rejects.toMatchObject({ code: "zig-hash-mismatch" });
  });

  it("is fetched again when its program has changed in the cache", async () => {
    const home = join(cache, "zig-0.15.2");
    const wheel = join(cache, "w.whl");
    await writeFile(wheel, wheelBytes);
    await unpackWheel("python3", wheel, home, pinned, systemProcess);
    await writeFile(join(home, "ziglang", "zig"), "something else");
    expect(await isIntact(join(home, "ziglang"), pinned)).toBe(false);
  });

  it("is not taken for intact under a new pin", async () => {
    const home = join(cache, "zig-0.15.2");
    const wheel = join(cache, "w.whl");
    await writeFile(wheel, wheelBytes);
    await unpackWheel("python3", wheel, home, pinned, systemProcess);
    expect(await isIntact(join(home, "ziglang"), { ...pinned, hashes: ["1".repeat(64)] })).toBe(false);
  });

  it("must be pinned in the requirements file", () => {
    expect(() => parseRequirement("other==1")).toThrow("pins no ziglang");
  });
});
