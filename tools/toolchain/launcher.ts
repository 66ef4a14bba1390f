// Small scripts that stand in for cc, ar and lld, so that paths stay out of the arguments cargo hashes into symbol names.
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refusedWithValue, refusedWords, type WrapperConfig } from "./compiler-wrapper.ts";

/** Never called "link" or "*-ld": rustc infers a linker's dialect from such names. */
export interface ToolLauncher extends WrapperConfig {
  readonly name: "cc" | "ar" | "lld" | "host-cc";
}

/** Path that a launcher will have; pure, so that plans can name it. */
export function launcherPath(directory: string, launcher: ToolLauncher): string {
  return join(directory, process.platform === "win32" ? `${launcher.name}.cmd` : launcher.name);
}

/** Builds side by side may write the same folder, and run what another one has written. */
export async function writeLaunchers(directory: string, launchers: readonly ToolLauncher[]): Promise<void> {
  if (launchers.length === 0) return;
  await mkdir(directory, { recursive: true });
  const wrapper = join(directory, "compiler-wrapper.mjs");
  await place(wrapper, await wrapperProgram());
  for (const launcher of launchers) {
    const config = join(directory, `${launcher.name}.json`);
    await place(config, `${JSON.stringify(launcher, null, 2)}\n`);
    await place(launcherPath(directory, launcher), script(wrapper, config, launcher), 0o755);
  }
}

async function place(path: string, content: string, mode = 0o644): Promise<void> {
  const unfinished = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(unfinished, content, { mode });
  await rename(unfinished, path);
}

/** The wrapper as plain JavaScript: Node 20 does not run TypeScript, and a loader would cost 0.3 s a call. */
async function wrapperProgram(): Promise<string> {
  // Only a run that builds needs it, and it takes longer to load than everything else of a run that does not.
  const { default: ts } = await import("typescript");
  const source = await readFile(join(import.meta.dirname, "compiler-wrapper.ts"), "utf8");
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(source, { compilerOptions: options }).outputText;
}

function script(wrapper: string, config: string, launcher: ToolLauncher): string {
  if (process.platform === "win32") return `@"${process.execPath}" "${wrapper}" "${config}" %*\r\n`;
  const words = [process.execPath, wrapper, config].map(quote);
  return `#!/bin/sh\n${shortcut(launcher)}exec ${words.join(" ")} "$@"\n`;
}

/**
 * The shell does for a compile what the wrapper would, in a tenth of the time that Node takes to start: a build compiles
 * dozens of small files. Links, and words with a value of their own, are left to the wrapper.
 */
function shortcut(launcher: ToolLauncher): string {
  const refused = refusedWords(launcher.rules);
  if (refused === undefined) return "";
  const isNeverRewritten = launcher.rules === "plain" && launcher.exportList === undefined;
  return [
    `isCompile=${isNeverRewritten ? "1" : ""}`,
    "for word do",
    `  case $word in -c|-E) isCompile=1 ;; ${refusedWithValue.join("|")}) isCompile=; break ;; esac`,
    "done",
    'if [ "$isCompile" ]; then',
    ...(refused.length === 0 ? [] : leavingOut(refused)),
    ...Object.entries(launcher.environment ?? {}).map(([name, value]) => `  export ${name}=${quote(value)}`),
    `  exec ${[launcher.program, ...launcher.before].map(quote).join(" ")} "$@" ${launcher.after.map(quote).join(" ")}`,
    "fi",
    "",
  ].join("\n");
}

function leavingOut(patterns: readonly string[]): string[] {
  const kept = `case $word in ${patterns.join("|")}) ;; *) set -- "$@" "$word" ;; esac`;
  return ["  for word do", "    shift", `    ${kept}`, "  done"];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
