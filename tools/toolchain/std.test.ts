// Where the Rust std comes from when the first choice fails: the next one, with a remark, never silently.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import { systemProcess, type Process } from "../shared/process.ts";
import type { ProgressEvent } from "../shared/progress.ts";
import { pinnedRust } from "./fixtures.ts";
import { installedTargets, provideStd } from "./std.ts";
import type { StdProvider } from "./toolchain.ts";

const target = targets[2] ?? raise();

function raise(): never {
  throw new Error("the table is too short");
}

/** rustup that knows the given sub-commands and fails the others as its server's 404 does. */
function rustup(succeeding: readonly string[]): Process & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    run: (command) => {
      const words = command.args.slice(0, 2).join(" ");
      calls.push(words);
      const ok = succeeding.includes(words);
      const stderr = ok ? "" : "info: downloading\nerror: component download failed: 404\nbacktrace";
      return Promise.resolve({
        command,
        code: ok ? 0 : 1,
        signal: null,
        timedOut: false,
        stdout: "",
        stderr,
        durationMs: 1,
      });
    },
  };
}

async function provide(process: Process, providers: readonly StdProvider[], rust = pinnedRust) {
  const events: ProgressEvent[] = [];
  const provider = await provideStd(target, providers, rust, {
    root: "/",
    process,
    progress: { emit: (event) => void events.push(event) },
  });
  return { provider, events };
}

describe("provideStd", () => {
  it("asks nobody when the std is installed", async () => {
    const process = rustup([]);
    expect((await provide(process, ["installed"])).provider).toBe("installed");
    expect(process.calls).toEqual([]);
  });

  it("announces what it fetches", async () => {
    const { events } = await provide(rustup(["component add"]), ["rustup", "build-std"]);
    expect(events[0]).toMatchObject({
      type: "fetch",
      what: expect.stringContaining(target.triple) as unknown,
    });
  });

  it("does not believe a rustup that adds nothing", async () => {
    const { provider, events } = await provide(rustup(["target add", "component add"]), [
      "rustup",
      "build-std",
    ]);
    expect(provider).toBe("build-std");
    expect(events).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining("rustup target remove") as unknown }),
    );
  });

  it("takes rustup's when it is there afterwards", async () => {
    const sysroot = await mkdtemp(join(tmpdir(), "sysroot-"));
    const folder = join(sysroot, "lib", "rustlib", target.triple, "lib");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "libstd-0123456789abcdef.rlib"), "");
    const { provider } = await provide(rustup(["target add"]), ["rustup", "build-std"], {
      ...pinnedRust,
      sysroot,
    });
    await rm(sysroot, { recursive: true });
    expect(provider).toBe("rustup");
  });

  it("falls to the sources when rustup's server has no such file, and says why", async () => {
    const { provider, events } = await provide(rustup(["component add"]), ["rustup", "build-std"]);
    expect(provider).toBe("build-std");
    expect(events).toContainEqual(
      expect.objectContaining({ type: "note", text: expect.stringContaining("404") as unknown }),
    );
  });

  it("names every miss and what to install when nothing works", async () => {
    await expect(provide(rustup([]), ["rustup", "build-std"])).rejects.toMatchObject({
      code: "std-missing",
      exitCode: 3,
      message: expect.stringMatching(/rustup: .*404.*build-std: /) as unknown,
    });
  });
});

describe("installedTargets", () => {
  it("finds the std of the host in the real toolchain", async () => {
    const { stdout } = await systemProcess.run({ program: "rustc", args: ["--print", "sysroot"] });
    const verbose = await systemProcess.run({ program: "rustc", args: ["-vV"] });
    const host = /^host: (.*)$/m.exec(verbose.stdout)?.[1];
    expect(await installedTargets(stdout.trim())).toContain(host);
  });
});
