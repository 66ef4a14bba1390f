// A checkout of the fixture crate in a folder of its own, for tests that run the whole command on something small.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foldersOf } from "../matrix/folders.ts";
import { tinyProject } from "../build/fixtures/tiny/tiny.project.ts";
import { project as checkout } from "../../nnrp.project.ts";

export interface TinyCheckout {
  readonly root: string;
  readonly projectFile: string;
  /** Runs the entry of the matrix on this checkout. */
  matrix(args: readonly string[], options?: RunOptions): MatrixRun;
  /** The words that start it, for tests that need the process itself. */
  command(args: readonly string[]): readonly [program: string, ...args: string[]];
  readonly environment: NodeJS.ProcessEnv;
  change(file: string, edit: (text: string) => string): void;
  remove(): void;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Goes before the command, e.g. prlimit. */
  readonly wrapper?: readonly string[];
  readonly timeoutMs?: number;
}

export interface MatrixRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const tools = join(import.meta.dirname, "..");

/** `root` is made; the cache is the one of this checkout, so that zig is fetched once for both. */
export function tinyCheckout(root: string): TinyCheckout {
  mkdirSync(root, { recursive: true });
  cpSync(join(tools, "build", "fixtures", "tiny"), root, { recursive: true });
  const functions = ["tiny_echo", "tiny_catches_panic", "tiny_version"].map((name) => ({ name }));
  const version = { major: 0, minor: 1, patch: 0 };
  writeFileSync(join(root, "abi.json"), JSON.stringify({ version, hash: "0".repeat(64), functions }));
  mkdirSync(join(root, "node"), { recursive: true });
  const npm = { name: "@tiny/native", version: "0.1.0", license: "Apache-2.0", files: ["index.js"] };
  writeFileSync(join(root, "node", "package.json"), JSON.stringify(npm));
  writeFileSync(join(root, "node", "index.js"), "export {};\n");
  writeFileSync(join(root, "LICENSE"), "Apache-2.0\n");
  writeFileSync(join(root, ".gitignore"), "/artifacts/\n/out*/\n");
  const projectFile = join(root, "x.project.mjs");
  const facts = JSON.stringify({ ...tinyProject("ROOT"), root: undefined });
  writeFileSync(projectFile, `export const project = { ...${facts}, root: import.meta.dirname };\n`);
  commit(root);
  const { TINY_CACHE_DIR = foldersOf(checkout).cache } = process.env;
  const environment = { ...process.env, TINY_CACHE_DIR, GITHUB_ACTIONS: undefined };
  const command = (args: readonly string[]): readonly [string, ...string[]] => [
    process.execPath,
    ...["--import", "tsx", join(tools, "build-matrix.ts"), "--project", projectFile, ...args],
  ];
  return {
    ...{ root, projectFile, command, environment },
    matrix: (args, { env, wrapper = [], timeoutMs = 300_000 } = {}) => {
      const [program = "", ...rest] = [...wrapper, ...command(args)];
      const { status, stdout, stderr } = spawnSync(program, rest, {
        ...{ cwd: join(tools, ".."), encoding: "utf8", timeout: timeoutMs },
        env: { ...environment, ...env },
      });
      return { code: status, stdout, stderr };
    },
    change: (file, edit) => {
      const path = join(root, file);
      writeFileSync(path, edit(readFileSync(path, "utf8")));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The time stamps of packages come from the commit. */
export function commit(root: string): void {
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    [...author, "commit", "--quiet", "--message", "fixture"],
  ]) {
    const { status, stderr } = spawnSync("git", ["-C", root, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  }
}
