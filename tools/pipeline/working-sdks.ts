// Small SDKs that really compile and link, laid out as the real ones are: for tests of what is built with them.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ndkProgram } from "../toolchain/android-ndk.ts";
import { rustLld } from "../toolchain/rust-lld.ts";
import type { HostFacts, RustFacts, ToolchainPlan } from "../toolchain/toolchain.ts";
import { zigEnvironment, zigLibrary, zigProgram } from "../toolchain/zig.ts";

export type Machine = HostFacts & { readonly rust: RustFacts };

/** An NDK of zig's clang, Rust's linker and the stub libraries of `stubs`, the plan without an NDK. */
export function workingNdk(root: string, machine: Machine, stubs: ToolchainPlan): void {
  const libraries = stubs.generated[0]?.directory ?? "";
  const [first, last] = ["crtbegin_so.o", "crtend_so.o"].map((name) => join(libraries, name));
  const clang = ndkProgram(root, "clang", "linux");
  const before = ["-nostdlib", `-L${libraries}`, ...linkedBy(dirname(clang), "ld.lld", machine)];
  writeDriver(clang, machine, { before: [...before, first ?? ""], after: [last ?? ""] });
  writeProgram(ndkProgram(root, "llvm-ar", "linux"), `exec ${zigProgram(machine.zig)} ar "$@"`, machine);
  writeFileSync(join(root, "source.properties"), "Pkg.Desc = Android NDK\nPkg.Revision = 27.2.12479018\n");
}

/** An osxcross of the same parts for arm64, over the stub SDK of `stubs`, the plan without one. */
export function workingOsxcross(root: string, machine: Machine, stubs: ToolchainPlan): void {
  const sdk = stubs.generated[0]?.directory ?? "";
  const target = join(root, "target");
  const bin = join(target, "bin");
  const library = zigLibrary(machine.zig);
  const headers = [join(library, "include"), join(library, "libc", "include", "any-macos-any")];
  const before = ["--target=arm64-apple-macosx11.0", "-isysroot", sdk, ...linkedBy(bin, "ld64.lld", machine)];
  const after = headers.flatMap((folder) => ["-isystem", folder]);
  writeDriver(join(bin, "arm64-apple-darwin23.2-clang"), machine, { before, after });
  writeProgram(join(bin, "arm64-apple-darwin23.2-ar"), `exec ${zigProgram(machine.zig)} ar "$@"`, machine);
  const lines = [`TARGET=darwin23.2`, `SDK_VERSION=14.2`, `SDK=${sdk}`, `TARGET_DIR=${target}`];
  const script = lines.map((line) => `echo "export OSXCROSS_${line}"`).join("\n");
  writeProgram(join(bin, "osxcross-conf"), script, machine);
}

/** Libraries and headers for x86_64 as xwin lays them out, made of zig's lists of what each DLL of Windows exports. */
export function workingXwin(root: string, machine: Machine): void {
  const folders = {
    crt: join(root, "crt", "lib", "x86_64"),
    um: join(root, "sdk", "lib", "um", "x86_64"),
    ucrt: join(root, "sdk", "lib", "ucrt", "x86_64"),
    include: join(root, "crt", "include"),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  for (const name of ["kernel32", "ntdll", "ws2_32", "userenv", "dbghelp"])
    importLibrary(join(folders.um, `${name}.lib`), name, machine);
  // Every Windows has this DLL, which also unwinds; Microsoft's static libraries have no such dependency at all.
  for (const name of ["ucrt.lib", "libucrt.lib"])
    importLibrary(join(folders.ucrt, name), "ucrtbase", machine);
  const source = join(import.meta.dirname, "fixtures", "msvc-runtime.c");
  const object = join(folders.crt, "runtime.obj");
  const headers = ["-nostdinc", "-isystem", join(zigLibrary(machine.zig), "include")];
  const flags = ["--target=x86_64-pc-windows-msvc", ...headers, "-O1", "-c"];
  zig(machine, ["clang", ...flags, source, "-o", object]);
  for (const name of ["msvcrt.lib", "libcmt.lib"])
    zig(machine, ["ar", "crsD", join(folders.crt, name), object]);
  const version =
    "#define _VC_CRT_MAJOR_VERSION 14\n#define _VC_CRT_MINOR_VERSION 41\n#define _VC_CRT_BUILD_VERSION 34120\n";
  writeFileSync(join(folders.include, "crtversion.h"), version);
}

function importLibrary(output: string, dll: string, machine: Machine): void {
  const mingw = join(zigLibrary(machine.zig), "libc", "mingw");
  const lists = [`lib-common/${dll}.def.in`, `lib-common/${dll}.def`, `lib64/${dll}.def`];
  const list = lists.map((name) => join(mingw, name)).find((file) => existsSync(file));
  if (list === undefined) throw new Error(`zig has no list of ${dll}.dll`);
  const definition = `${output}.def`;
  const preprocess = ["clang", "-w", "-E", "-P", "-x", "c", "-DDEF_X64", "-I", join(mingw, "def-include")];
  zig(machine, [...preprocess, list, "-o", definition]);
  // The counts of bytes after @ belong to x86's names.
  writeFileSync(definition, readFileSync(definition, "utf8").replaceAll(/@\d+/g, ""));
  zig(machine, ["dlltool", "-m", "i386:x86-64", "-D", `${dll}.dll`, "-d", definition, "-l", output]);
}

function zig(machine: Machine, args: readonly string[]): void {
  const { status, stderr } = spawnSync(zigProgram(machine.zig), args, {
    encoding: "utf8",
    env: { ...process.env, ...zigEnvironment(machine) },
  });
  if (status !== 0) throw new Error(`zig ${args.join(" ")}: ${stderr}`);
}

/** clang looks for its linker beside itself under a name that tells which one it is. */
function linkedBy(bin: string, name: string, { rust }: Machine): string[] {
  const linker = join(bin, name);
  mkdirSync(bin, { recursive: true });
  if (!existsSync(linker)) symlinkSync(rustLld(rust), linker);
  return ["-fuse-ld=lld", `-B${bin}`];
}

/** A clang that compiles with `after` and links with all of it. */
function writeDriver(
  path: string,
  machine: Machine,
  { before, after }: { readonly before: readonly string[]; readonly after: readonly string[] },
): void {
  const words = (list: readonly string[]): string => list.map((word) => `'${word}'`).join(" ");
  const clang = `exec '${zigProgram(machine.zig)}' clang -Wno-unused-command-line-argument`;
  const compile = `case " $* " in *" -c "*) ${clang} ${words(before.filter(isForCompiling))} "$@" ${words(after.filter(isForCompiling))};; esac`;
  writeProgram(path, `${compile}\n${clang} ${words(before)} "$@" ${words(after)}`, machine);
}

function isForCompiling(word: string): boolean {
  return !word.endsWith(".o");
}

function writeProgram(path: string, script: string, machine: Machine): void {
  mkdirSync(dirname(path), { recursive: true });
  const environment = Object.entries(zigEnvironment(machine)).map(
    ([name, value]) => `export ${name}='${value}'`,
  );
  writeFileSync(path, ["#!/bin/sh", ...environment, script, ""].join("\n"));
  chmodSync(path, 0o755);
}
