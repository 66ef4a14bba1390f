// The whole command where things go wrong around it: no space, no rights, killed, twice at once, odd folders.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { tinyCheckout, type MatrixRun, type TinyCheckout } from "./tiny-checkout.ts";

const limitMs = 600_000;
const triple = hostTriple(thisHost());
const isLinux = process.platform === "linux";
const forbidSkips = process.env["FORBID_SKIPS"] === "1";

let folder: string;
let tiny: TinyCheckout;
let output: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "adversity "));
  tiny = tinyCheckout(join(folder, "spaß und ünïcode 漢字 $HOME 'quoted'"));
});
beforeEach(() => {
  count += 1;
  output = join(folder, `out ${count}`);
});
afterAll(() => {
  spawnSync("chmod", ["-R", "u+w", folder]);
  rmSync(folder, { recursive: true, force: true });
});

function words(...more: readonly string[]): string[] {
  return ["--target", "host", "--until", "package", "--profile", "quick", "--output", output, ...more];
}

function run(wrapper: readonly string[] = []): MatrixRun {
  return tiny.matrix(words(), { wrapper });
}

/** A finished target has its record, its verdicts and its archive; an unfinished one has no record of what is missing. */
function isFinished(): boolean {
  const packages = existsSync(join(output, "packages")) ? readdirSync(join(output, "packages")) : [];
  const isRecorded = existsSync(join(output, triple, "artifact.json"));
  return isRecorded && packages.some((name) => name.endsWith(".tar.gz"));
}

function expectGoodRun(): void {
  const { code, stdout, stderr } = run();
  expect(code, stdout + stderr).toBe(0);
  expect(isFinished()).toBe(true);
}

/** Whether this machine lets us do what the test needs; the line that would change that is in the test's name. */
function works(program: string, ...args: readonly string[]): boolean {
  return isLinux && (spawnSync(program, args).status === 0 || forbidSkips);
}

/** root passes over permissions unless it gives that right up. */
const withoutOverride =
  process.getuid?.() === 0
    ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    : [];

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; output: string }>;
}

function start(...more: readonly string[]): Started {
  const [program, ...args] = tiny.command(words(...more));
  const child = spawn(program, args, { env: tiny.environment, cwd: join(import.meta.dirname, "..", "..") });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, output: text })),
  );
  return { child, ended };
}

/** Process ids below `root` whose command line holds `word`. */
function descendants(root: number, word: string): number[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" });
  const rows = stdout.split("\n").flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
  const below = (id: number): typeof rows =>
    rows.filter(({ parent }) => parent === id).flatMap((row) => [row, ...below(row.pid)]);
  return below(root)
    .filter(({ command }) => command.includes(word))
    .map(({ pid }) => pid);
}

async function compilerOf({ child }: Started): Promise<number> {
  for (let attempt = 0; attempt < 1500; attempt += 1) {
    const found = descendants(child.pid ?? 0, "--crate-name tiny")[0];
    if (found !== undefined) return found;
    await wait(20);
  }
  throw new Error("no compiler was started");
}

describe.runIf(isLinux)("a run", { timeout: limitMs }, () => {
  it("works in a folder with spaces, quotes and letters outside ASCII", () => expectGoodRun());

  it.runIf(works("unshare", "-rm", "true"))(
    "on a full disk says so, leaves nothing that looks finished, and works once there is space (needs user namespaces)",
    () => {
      mkdirSync(output);
      const script = `mount -t tmpfs -o size=2m tmpfs "$1" || exit 77; shift; "$@"; code=$?; find "$OUT" -name artifact.json -o -name '*.tar.gz'; exit $code`;
      const { code, stdout, stderr } = tiny.matrix(words(), {
        wrapper: ["unshare", "-rm", "sh", "-c", script, "sh", output],
        env: { OUT: output },
      });
      expect(code, stdout + stderr).not.toBe(0);
      expect(stdout + stderr).toContain("the disk is full");
      expect(stdout + stderr).toContain("fix: free some gigabytes");
      expect(stdout).not.toMatch(/artifact\.json$|\.tar\.gz$/m);
      expectGoodRun();
    },
  );

  it.runIf(works("prlimit", "--version"))(
    "below a limit for the size of files says so, and works without it (needs prlimit of util-linux)",
    () => {
      const { code, stdout, stderr } = run(["prlimit", "--fsize=300000"]);
      expect(code, stdout + stderr).not.toBe(0);
      expect(stdout + stderr).toContain("a file would grow beyond the limit");
      expect(isFinished()).toBe(false);
      expectGoodRun();
    },
  );

  it.runIf(withoutOverride.length === 0 || works("setpriv", "--version"))(
    "without the right to write its output says which file, and works once it may (needs setpriv of util-linux)",
    () => {
      mkdirSync(output);
      chmodSync(output, 0o555);
      const { code, stderr } = run(withoutOverride);
      expect(code).toBe(3);
      expect(stderr).toContain("permission denied");
      expect(stderr).toContain(output);
      expect(stderr).toContain("fix: ");
      expect(stderr).not.toMatch(/^\s+at /m);
      chmodSync(output, 0o755);
      expectGoodRun();
    },
  );

  it.runIf(withoutOverride.length === 0 || works("setpriv", "--version"))(
    "from a checkout that cannot be written works with --output (needs setpriv of util-linux)",
    () => {
      const before = tree(tiny.root);
      spawnSync("chmod", ["-R", "a-w", tiny.root]);
      try {
        const { code, stdout, stderr } = run(withoutOverride);
        expect(code, stdout + stderr).toBe(0);
        expect(isFinished()).toBe(true);
        expect(tree(tiny.root)).toEqual(before);
      } finally {
        spawnSync("chmod", ["-R", "u+w", tiny.root]);
      }
    },
  );

  it("whose compiler is killed says so, records nothing, and builds the next time", async () => {
    const started = start();
    process.kill(await compilerOf(started), "SIGKILL");
    const { code, output: text } = await started.ended;
    expect(code, text).toBe(1);
    expect(text).toContain("the system killed a compiler");
    expect(isFinished()).toBe(false);
    expectGoodRun();
  });

  it("that is interrupted ends with 130, ends its children, records nothing, and builds the next time", async () => {
    const started = start();
    const compiler = await compilerOf(started);
    started.child.kill("SIGINT");
    const { code, output: text } = await started.ended;
    expect(code, text).toBe(130);
    expect(await hasEnded(compiler)).toBe(true);
    expect(isFinished()).toBe(false);
    expectGoodRun();
  });

  it("that is killed as a whole leaves a lock that the next run takes over, and is not taken for done", async () => {
    const started = start();
    await compilerOf(started);
    started.child.kill("SIGKILL");
    await started.ended;
    expect(existsSync(join(output, ".work", "lock"))).toBe(true);
    expect(isFinished()).toBe(false);
    expectGoodRun();
    expect(existsSync(join(output, ".work", "lock"))).toBe(false);
  });

  it("beside another one in the same checkout is refused with the other's number; the other goes on", async () => {
    const first = start();
    await compilerOf(first);
    const second = run();
    expect(second.code).toBe(3);
    expect(second.stderr).toMatch(/another run \(process \d+\) is building in this checkout/);
    expect(second.stderr).toContain("fix: wait for it to end");
    const { code, output: text } = await first.ended;
    expect(code, text).toBe(0);
    expect(isFinished()).toBe(true);
  });

  it("names the crate's line that does not compile, and the cause", () => {
    const source = join(tiny.root, "src", "lib.rs");
    const text = readFileSync(source, "utf8");
    writeFileSync(source, `${text}\nfn broken() -> u32 { "no number" }\n`);
    try {
      const env = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: dirname(tiny.root) };
      const { code, stdout } = tiny.matrix(words(), { env });
      expect(code).toBe(1);
      expect(stdout).toContain("| error[E0308]: mismatched types");
      expect(stdout).toContain("likely cause: the source does not compile for this target");
      expect(stdout).toContain(`\n::error file=${basename(tiny.root)}/src/lib.rs,line=`);
    } finally {
      writeFileSync(source, text);
    }
  });

  it("names a missing system function as the linker's complaint", () => {
    const source = join(tiny.root, "src", "lib.rs");
    const text = readFileSync(source, "utf8");
    const body = text.replace(
      /(fn tiny_version\(\) -> u32 \{\n)\s*1/,
      "$1    unsafe { not_in_any_system() }",
    );
    writeFileSync(source, `${body}\nunsafe extern "C" {\n    fn not_in_any_system() -> u32;\n}\n`);
    try {
      const { code, stdout } = run();
      expect(code).toBe(1);
      expect(stdout).toContain("not_in_any_system");
      expect(stdout).toContain("likely cause: the linker misses a function");
    } finally {
      writeFileSync(source, text);
    }
  });
});

/** Killed processes stay listed as zombies until somebody collects them. */
async function hasEnded(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const { stdout } = spawnSync("ps", ["-o", "state=", "-p", String(pid)], { encoding: "utf8" });
    if (stdout.trim() === "" || stdout.startsWith("Z")) return true;
    await wait(100);
  }
  return false;
}

function tree(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith(".git/"))
    .sort();
}
