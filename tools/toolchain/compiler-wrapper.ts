// Runs a compiler or linker with arguments that rustc and the cc crate chose for another one; stands alone, imports no other file.
import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface WrapperConfig {
  readonly program: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /**
   * "zig-cc" rewrites what zig refuses, "zig-cc-windows" also how DLLs are looked for; "lld" keeps a leading -flavor in
   * front; "own-target" drops another name of the target; "librarian" takes the arguments of Microsoft's lib.exe for an ar; "plain"
   * changes nothing.
   */
  readonly rules: "zig-cc" | "zig-cc-windows" | "lld" | "own-target" | "librarian" | "plain";
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Version script in place of rustc's own, which also exports what crates below the library define without mangling; some
   * processors have more of that than others. Here, because a path among rustc's arguments would change symbol names.
   */
  readonly exportList?: string;
}

/** The arguments that the real program gets. */
export function translate(args: readonly string[], config: WrapperConfig): string[] {
  if (config.rules === "lld") {
    const flavor = args[0] === "-flavor" ? args.slice(0, 2) : [];
    return [...flavor, ...config.before, ...args.slice(flavor.length), ...config.after];
  }
  const list = isForTheCompiler(args) ? undefined : config.exportList;
  const own = rewritten(args, config.rules).map((arg) => withExportList(arg, list));
  return [...config.before, ...own, ...config.after];
}

function rewritten(args: readonly string[], rules: WrapperConfig["rules"]): readonly string[] {
  if (rules === "zig-cc") return forZig(args);
  if (rules === "zig-cc-windows") return forZig(args).map(lookingForImportLibraries);
  if (rules === "librarian") return forArchiver(args);
  const patterns = refusedWords(rules) ?? [];
  return args.filter((arg) => !isRefused(arg, patterns));
}

/**
 * Microsoft's archives name members by their whole path, which is one of the build machine; those of ar by the file. The
 * cc crate also names the archive as an input when it adds to one, which ar does unasked.
 */
function forArchiver(args: readonly string[]): string[] {
  const output = args.find((arg) => /^[-/]out:/i.test(arg))?.slice("-out:".length) ?? "";
  const inputs = args.filter((arg) => !/^[-/](out:|nologo$)/i.test(arg) && arg !== output);
  return ["crsD", output, ...inputs];
}

/** After -Bdynamic zig looks for X.dll alone, where Windows programs are linked against libX.a. */
function lookingForImportLibraries(arg: string): string {
  return arg === "-Wl,-Bdynamic" ? "-Wl,-search_paths_first" : arg;
}

/** zig wants its own target names and refuses what would choose one; each comes with the value it takes. */
export const refusedWithValue: readonly string[] = ["-target", "-arch", "-isysroot"];
const targetWords = ["-march=armv7*", "-m32", "-m64", "-Wl,-melf_*", "-mmacosx-version-min=*"];

/** What is left out, as a shell's patterns with a star at most at the end; undefined where more has to be rewritten in a compile. */
export function refusedWords(rules: WrapperConfig["rules"]): readonly string[] | undefined {
  if (rules === "plain") return [];
  if (rules === "own-target") return ["--target=*"];
  return rules === "zig-cc" || rules === "zig-cc-windows" ? ["--target=*", ...targetWords] : undefined;
}

function isRefused(arg: string, patterns: readonly string[]): boolean {
  return patterns.some((word) => (word.endsWith("*") ? arg.startsWith(word.slice(0, -1)) : arg === word));
}
/** zig brings the C runtime under other names and links it unasked. */
const ownRuntime = new Set(["-lgcc", "-lmingw32", "-lmingwex", "-lmsvcrt", "-nolibc", "--unwindlib=none"]);

function withExportList(arg: string, list: string | undefined): string {
  return list !== undefined && rustExportList.test(arg) ? `-Wl,--version-script=${list}` : arg;
}

/** Procedural macros, linked by the same program where the target is the host, have a hash in their file's name. */
function isForTheCompiler(args: readonly string[]): boolean {
  return /-[0-9a-f]{16}\.so$/.test(args[args.indexOf("-o") + 1] ?? "");
}

/** What rustc writes to a folder of its own for each link. */
const rustExportList = /^-Wl,--version-script=.*[/\\]rustc\w+[/\\]list$/;

function forZig(args: readonly string[]): string[] {
  const patterns = refusedWords("zig-cc") ?? [];
  const kept: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (refusedWithValue.includes(arg)) index += 1;
    else if (!isRefused(arg, patterns) && !ownRuntime.has(arg)) kept.push(renamed(arg));
  }
  return kept;
}

function renamed(arg: string): string {
  // zig's unwinder is LLVM's, linked statically: nothing of libgcc is needed at run time.
  if (arg === "-lgcc_s" || arg === "-lgcc_eh") return "-lunwind";
  // zig's driver knows no .def file behind -Wl, but takes one as an input.
  const definition = /^-Wl,(.+\.def)$/.exec(arg)?.[1];
  return definition ?? arg;
}

function main(configFile: string, args: readonly string[]): number {
  const config = JSON.parse(readFileSync(configFile, "utf8")) as WrapperConfig;
  const child = spawnSync(config.program, translate(args, config), {
    stdio: "inherit",
    env: { ...process.env, ...config.environment },
  });
  if (child.error !== undefined)
    process.stderr.write(`cannot start ${config.program}: ${child.error.message}\n`);
  return child.status ?? 1;
}

const [, self, configFile, ...args] = process.argv;
const isProgram =
  self !== undefined && configFile !== undefined && realpathSync(self) === fileURLToPath(import.meta.url);
if (isProgram) process.exitCode = main(configFile, args);
