// Facts about Debian packages in the cache: what is unpacked, what is left behind by failures, and which of them may pass.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemProcess, type Command, type Exit, type Process } from "../shared/process.ts";
import { debianTree, treePackages, type DebianTree } from "./debian-tree.ts";
import type { FetchRequest } from "./fetch-request.ts";
import { thisHost, type Host } from "./host.ts";
import { resolveRunner } from "./resolve-runner.ts";
import type { SmokeBench } from "./smoke-bench.ts";

const hasDpkg = thisHost.which("dpkg-deb") !== undefined;
const debian: Host = { ...thisHost, exists: () => true, which: (program) => `/usr/bin/${program}` };
const hello: DebianTree = {
  name: "hello",
  suite: "bookworm",
  architecture: "amd64",
  packages: ["hello"],
  megabytes: 1,
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tree-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasDpkg)("with dpkg (apt-get install dpkg)", () => {
  it("a package is unpacked once, with its name and version beside it, and nothing of the fetch stays", async () => {
    const asked: string[] = [];
    const finished: string[] = [];
    const tree = {
      ...hello,
      finish: (unpacked: string, path: string): Promise<void> => {
        finished.push(readFileSync(join(unpacked, "usr/share/hello"), "utf8"), path);
        return Promise.resolve();
      },
    };
    const request = requestWith(mirror(asked));
    const directory = join(folder, "cache/debian-bookworm-hello");
    expect(await debianTree(tree, request)).toEqual({ kind: "there", directory });
    expect(await debianTree(tree, request)).toEqual({ kind: "there", directory });
    expect(asked).toEqual(["-qq update", "-qq download hello"]);
    expect(finished).toEqual(["hello\n", directory]);
    expect(await treePackages(directory)).toEqual(["hello_1:2_amd64"]);
    expect(readdirSync(join(folder, "cache"))).toEqual(["debian-bookworm-hello"]);
  });
});

it("what apt says is the reason, which may pass, and nothing of the attempt stays", async () => {
  const failing = aptThat(() => ({ code: 100, stderr: "W: noise\nE: Mirror sync in progress?\n" }));
  const outcome = await debianTree(hello, requestWith(failing));
  const reason = "apt-get update: Mirror sync in progress?";
  expect(outcome).toEqual({ kind: "missing", reason, isTransient: true });
  expect(readdirSync(join(folder, "cache"))).toEqual([]);
});

it("what a killed run left half-made is removed by the next", async () => {
  mkdirSync(join(folder, "cache/debian-sid-wine.unfinished.4194304"), { recursive: true });
  await debianTree(hello, requestWith(aptThat(() => ({ code: 1, stderr: "" }))));
  expect(readdirSync(join(folder, "cache"))).toEqual([]);
});

it("nothing is fetched offline, without apt or without Debian's keys, and neither reason passes by itself", async () => {
  const never = aptThat(() => {
    throw new Error("nothing should be started");
  });
  const outcomes = await Promise.all([
    debianTree(hello, { ...requestWith(never), offline: true }),
    debianTree(hello, { ...requestWith(never), host: { ...debian, which: () => undefined } }),
    debianTree(hello, { ...requestWith(never), host: { ...debian, exists: () => false } }),
  ]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: "missing", isTransient: false });
  expect(existsSync(join(folder, "cache"))).toBe(false);
});

it("a runner that lacks what cannot be fetched says both, with the line that installs it", async () => {
  const lacking = { kind: "missing", reason: "no musl", remedy: "apt-get install musl" } as const;
  const bench = { host: debian, request: { ...requestWith(systemProcess), offline: true } };
  const choice = await resolveRunner(bench as unknown as SmokeBench, () => ({
    ...lacking,
    tree: "musl-x86_64",
  }));
  expect(choice).toMatchObject({ kind: "missing", remedy: "apt-get install musl", transient: false });
  expect(choice).toHaveProperty("reason", expect.stringMatching(/^no musl; .*--offline is set$/));
});

function requestWith(process: Process): FetchRequest {
  return { host: debian, cacheDirectory: join(folder, "cache"), offline: false, process };
}

/** An apt-get whose mirror has one package; everything else is the real thing. */
function mirror(asked: string[]): Process {
  const root = join(folder, "source");
  mkdirSync(join(root, "DEBIAN"), { recursive: true });
  mkdirSync(join(root, "usr/share"), { recursive: true });
  const fields = ["Package: hello", "Version: 1:2", "Architecture: amd64", "Maintainer: x <x@x>"];
  writeFileSync(join(root, "DEBIAN/control"), `${fields.join("\n")}\nDescription: x\n`);
  writeFileSync(join(root, "usr/share/hello"), "hello\n");
  const deb = join(folder, "hello.deb");
  execFileSync("dpkg-deb", ["--build", "--root-owner-group", root, deb], { stdio: "pipe" });
  return aptThat(({ args, cwd }) => {
    asked.push(args.join(" "));
    if (args[1] === "download") copyFileSync(deb, join(cwd ?? "", "hello_1%3a2_amd64.deb"));
    return { code: 0, stderr: "" };
  });
}

function aptThat(answer: (command: Command) => Pick<Exit, "code" | "stderr">): Process {
  const rest = { signal: null, timedOut: false, stdout: "", durationMs: 1 };
  return {
    run: (command, options) =>
      command.program === "apt-get"
        ? Promise.resolve({ command, ...rest, ...answer(command) })
        : systemProcess.run(command, options),
  };
}
