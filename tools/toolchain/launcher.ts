// Small scripts that stand in for cc, ar and lld, so that paths stay out of the arguments cargo hashes into symbol names.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WrapperConfig } from "./compiler-wrapper.ts";

/** Never called "link" or "*-ld": rustc infers a linker's dialect from such names. */
export interface ToolLauncher extends WrapperConfig {
  readonly name: "cc" | "ar" | "lld" | "host-cc";
}

/** Path that a launcher will have; pure, so that plans can name it. */
export function launcherPath(directory: string, launcher: ToolLauncher): string {
  return join(directory, process.platform === "win32" ? `${launcher.name}.cmd` : launcher.name);
}

export async function writeLaunchers(directory: string, launchers: readonly ToolLauncher[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const wrapper = join(directory, "compiler-wrapper.mjs");
  await writeFile(wrapper, await wrapperProgram());
  for (const launcher of launchers) {
    const config = join(directory, `${launcher.name}.json`);
    await writeFile(config, `${JSON.stringify(launcher, null, 2)}\n`);
    await writeFile(launcherPath(directory, launcher), script(wrapper, config), { mode: 0o755 });
  }
}

/** The wrapper as plain JavaScript: Node 20 does not run TypeScript, and a loader would cost 0.3 s a call. */
async function wrapperProgram(): Promise<string> {
  // Only a run that builds needs it, and it takes longer to load than everything else of a run that does not.
  const { default: ts } = await import("typescript");
  const source = await readFile(join(import.meta.dirname, "compiler-wrapper.ts"), "utf8");
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(source, { compilerOptions: options }).outputText;
}

function script(wrapper: string, config: string): string {
  if (process.platform === "win32") return `@"${process.execPath}" "${wrapper}" "${config}" %*\r\n`;
  return `#!/bin/sh\nexec ${[process.execPath, wrapper, config].map(quote).join(" ")} "$@"\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
