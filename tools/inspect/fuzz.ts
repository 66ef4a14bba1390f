// Command: damages real files for a while and looks whether the readers survive; keeps the file that they did not.
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command as Program, InvalidArgumentError } from "commander";
import { runEntry } from "../shared/entry.ts";
import { exitCodes, type ExitCode } from "../shared/errors.ts";
import { systemProcess, type Exit } from "../shared/process.ts";
import { memoryFloor, memoryPerByte } from "./survival.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const worker = fileURLToPath(new URL("fuzz-worker.ts", import.meta.url));
/** What was built here, and addons of other people that the tools depend on. */
const folders = ["tools/inspect/fixtures", "artifacts", "node_modules/@koromix", "node_modules/@yuuang"];
const libraryName = /\.(so|a|dll|dylib|node|lib|wasm)$/;
/** Node, the loader of TypeScript, the file and its copies. */
const runtimeMegabytes = 96;
/** Larger files take longer and say nothing more. */
const largestBytes = 2 * 2 ** 20;
/** One child for so many files: it holds all of them. */
const filesPerChild = 8;
/** A child that is later than this hangs. */
const graceMs = 120_000;

interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly keep: string;
}

const program = new Program("fuzz")
  .description(
    "Damages real files, field by field and at random, and reads them in a process with a small heap.",
  )
  .argument(
    "[files...]",
    "files to damage; without them the fixtures, artifacts and native addons of the checkout",
  )
  .option("--seconds <n>", "how long", positive, 30)
  .option("--seed <n>", "first seed; each child takes the next", positive, 1)
  .option("--keep <folder>", "where a file that breaks a reader is kept", "artifacts/fuzz")
  .addHelpText("after", "\nExit codes: 0 nothing broke, 1 a reader broke: the file that did it is named.");

await runEntry(() => {
  program.parse();
  return fuzz(program.args, program.opts<Options>());
});

async function fuzz(named: readonly string[], options: Options): Promise<ExitCode> {
  const files = await smallEnough(named.length > 0 ? named.map((file) => resolve(file)) : await knownFiles());
  const folder = await mkdtemp(join(tmpdir(), "fuzz-"));
  try {
    const children = Math.ceil(files.length / filesPerChild);
    for (let child = 0; child < children; child += 1) {
      const part = files.slice(child * filesPerChild, (child + 1) * filesPerChild);
      const seconds = Math.max(1, Math.round(options.seconds / children));
      const exit = await runChild(folder, part, options.seed + child, seconds);
      process.stdout.write(`seed ${options.seed + child}, ${part.length} files: ${outcome(exit)}\n`);
      if (exit.code !== 0) return await keep(folder, options.keep);
    }
    return exitCodes.ok;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function knownFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    found.push(...names.filter((name) => libraryName.test(name)).map((name) => join(root, folder, name)));
  }
  return found.sort();
}

async function smallEnough(files: readonly string[]): Promise<string[]> {
  const sizes = await Promise.all(files.map(async (file) => ({ file, bytes: (await stat(file)).size })));
  const small = sizes.filter(({ bytes }) => bytes > 0 && bytes <= largestBytes);
  // Files of one size go into one child, whose heap is as large as the largest of them allows.
  return small.sort((left, right) => left.bytes - right.bytes).map(({ file }) => file);
}

async function runChild(
  folder: string,
  files: readonly string[],
  seed: number,
  seconds: number,
): Promise<Exit> {
  const list = join(folder, "files.txt");
  await writeFile(list, files.join("\n"));
  const bytes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const facts = memoryPerByte * Math.max(...bytes) + memoryFloor;
  const heap = runtimeMegabytes + Math.ceil(facts / 2 ** 20);
  return systemProcess.run({
    program: process.execPath,
    args: [
      "--expose-gc",
      `--max-old-space-size=${heap}`,
      "--import",
      "tsx",
      worker,
      list,
      String(seed),
    ].concat([String(seconds), join(folder, "case")]),
    cwd: root,
    timeoutMs: seconds * 1000 + graceMs,
  });
}

function outcome({ code, timedOut, stdout, stderr }: Exit): string {
  if (code === 0) return stdout.trim();
  if (timedOut) return "the child hung";
  return `the child left with ${code ?? "a signal"}: ${stdout.trim()} ${stderr.trim().slice(-2000)}`;
}

async function keep(folder: string, into: string): Promise<ExitCode> {
  await mkdir(into, { recursive: true });
  const path = join(into, `case-${Date.now()}`);
  await copyFile(join(folder, "case"), path);
  process.stdout.write(`kept: ${path}\n`);
  return exitCodes.finding;
}

function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a number above zero is needed");
}
