// Links code that names every function of the headers against the unpacked package, for systems without an SDK here.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { compilerCommand, type CCompiler } from "./c-compiler.ts";
import { runSteps } from "./compile-steps.ts";
import { functionTable } from "./function-table.ts";
import type { Linkage } from "./runner.ts";
import type { LinkTest } from "./verification.ts";

/** Compiles against the package's headers alone and links against stubs of the system's libraries. */
export interface StubLinker {
  readonly compiler: CCompiler;
  /** A linker, with the words that choose its dialect. */
  readonly linker: CCompiler;
  /** Folder whose usr/lib holds the system's stub libraries, where the linker is Apple's kind. */
  readonly sdk?: string;
}

export interface LinkRequest {
  readonly project: Project;
  readonly target: Target;
  readonly process: Process;
  readonly tools: StubLinker;
  readonly linkage: Linkage;
  readonly packageDirectory: string;
  /** Where library and headers are, if not in lib/ and include/ of that folder. */
  readonly layout?: { readonly library: string; readonly include: string };
  readonly nativeStaticLibraries: readonly string[];
  readonly outputDirectory: string;
  readonly signal?: AbortSignal;
}

/** What is left open after the package and the system's libraries is an error of the linker. */
export async function linkEveryFunction(request: LinkRequest): Promise<LinkTest> {
  const { linkage, target, tools, layout, outputDirectory } = request;
  const base = join(outputDirectory, `functions-${linkage}`);
  const { text, count } = await functionTable(request.project);
  await writeFile(`${base}.c`, `${text}int main(void) { return functions[0] == 0; }\n`);
  const linkArgs = tools.sdk === undefined ? elfArgs : appleArgs;
  const steps = [
    compilerCommand(tools.compiler, compileArgs(request, base)),
    compilerCommand(tools.linker, await linkArgs(request, base)),
  ];
  return {
    client: `c-${linkage}`,
    compiler: `${tools.compiler.name} and ${tools.linker.name} over stubs of the system's libraries`,
    functions: count,
    ...(layout === undefined ? {} : { slice: target.triple }),
    ...(await runSteps(steps, request)),
  };
}

function compileArgs({ packageDirectory, layout, linkage, project }: LinkRequest, base: string): string[] {
  const define = linkage === "static" ? [`-D${project.headers.staticDefine}`] : [];
  const include = layout?.include ?? join(packageDirectory, "include");
  return ["-std=c11", "-fPIC", ...define, "-I", include, "-c", `${base}.c`, "-o", `${base}.o`];
}

/** A shared object that leaves nothing open needs no start-up code of the platform, which a program would. */
async function elfArgs(request: LinkRequest, base: string): Promise<string[]> {
  const library = await packagedLibrary(request);
  return ["-shared", "-z", "defs", "-o", `${base}.so`, `${base}.o`, library, ...systemLibraries(request)];
}

async function appleArgs(request: LinkRequest, base: string): Promise<string[]> {
  const { target } = request;
  const platform = target.floor.kind;
  const version = "version" in target.floor ? target.floor.version : "";
  return [
    ...["-arch", target.cpu === "aarch64" ? "arm64" : "x86_64"],
    ...["-platform_version", platform, version, version],
    ...["-syslibroot", await renamedSdk(request, platform)],
    ...["-o", base, `${base}.o`, await packagedLibrary(request), "-lSystem", ...systemLibraries(request)],
  ];
}

/** The stubs list macOS; the linker wants the platform's own name. */
async function renamedSdk({ tools, outputDirectory }: LinkRequest, platform: string): Promise<string> {
  const from = join(tools.sdk ?? "", "usr/lib");
  const to = join(outputDirectory, "sdk", "usr/lib");
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    const text = await readFile(join(from, name), "utf8");
    await writeFile(join(to, name), text.replaceAll("-macos", `-${platform}`));
  }
  return join(outputDirectory, "sdk");
}

async function packagedLibrary({ packageDirectory, layout, linkage }: LinkRequest): Promise<string> {
  if (layout !== undefined) return layout.library;
  const lib = join(packageDirectory, "lib");
  const pattern = linkage === "static" ? /\.a$/ : /\.(so|dylib)$/;
  const [found, ...others] = (await readdir(lib)).filter((name) => pattern.test(name));
  if (found === undefined || others.length > 0)
    throw new Error(`${lib} does not hold one library like ${pattern.source}`);
  return join(lib, found);
}

function systemLibraries({ linkage, nativeStaticLibraries, target }: LinkRequest): string[] {
  if (linkage === "dynamic") return target.format === "elf" ? ["-lc"] : [];
  return nativeStaticLibraries.flatMap((entry) => entry.split(/\s+/)).filter((word) => word !== "");
}
