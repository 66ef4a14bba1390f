// The C compilers that tests take as witnesses, one per ABI class, each with the line that installs it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Witness {
  readonly name: string;
  readonly program: string;
  readonly isPresent: boolean;
  /** For the name of a skipped test. */
  readonly install: string;
}

export const gcc = witness("gcc for x86_64 (p8a8)", "gcc", "gcc");
export const gxx = witness("g++ for x86_64 (p8a8)", "g++", "g++");
export const i686 = witness("gcc for i686 (p4a4)", "i686-linux-gnu-gcc", "gcc-i686-linux-gnu");
export const armv7 = witness("gcc for armv7 (p4a8)", "arm-linux-gnueabihf-gcc", "gcc-arm-linux-gnueabihf");

/** One compiler for each class. */
export const classWitnesses: readonly Witness[] = [gcc, i686, armv7];

function witness(name: string, program: string, debianPackage: string): Witness {
  const isPresent = spawnSync(program, ["--version"]).status === 0;
  return { name, program, isPresent, install: `apt-get install ${debianPackage}` };
}

/** What the compiler says about a source text, "" if it takes it. */
export function compilerErrors(compiler: Witness, source: string, options: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "witness-"));
  try {
    const file = join(folder, compiler === gxx ? "source.cpp" : "source.c");
    writeFileSync(file, source);
    const strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-deprecated-declarations"];
    const standard = compiler === gxx ? "-std=c++17" : "-std=c11";
    const args = [standard, ...strict, ...options, "-fsyntax-only", file];
    const { status, stderr } = spawnSync(compiler.program, args, { encoding: "utf8", timeout: 60_000 });
    return status === 0 ? "" : stderr || "failed";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
