// Compiles the C smoke client against an unpacked package, the way its users would.
import { basename, join } from "node:path";
import { readdir, writeFile } from "node:fs/promises";
import type { Target } from "../matrix/target.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { functionTable } from "./function-table.ts";
import { unixNames } from "./msvc.ts";
import { compilerCommand, type CCompiler } from "./c-compiler.ts";
import { runSteps } from "./compile-steps.ts";
import type { Linkage } from "./runner.ts";
import type { LinkTest } from "./verification.ts";

export interface ClientRequest {
  readonly project: Project;
  readonly target: Target;
  readonly process: Process;
  readonly compiler: CCompiler;
  readonly linkage: Linkage;
  /** Top folder of the unpacked package. */
  readonly packageDirectory: string;
  readonly nativeStaticLibraries: readonly string[];
  /** Where the program goes. */
  readonly outputDirectory: string;
  /** The processor, where the package's files hold the libraries of several. */
  readonly slice?: string;
  readonly signal?: AbortSignal;
}

export interface CompiledClient {
  readonly link: LinkTest;
  readonly program: string;
  /** The library of the package that the program is linked to. */
  readonly library: string;
}

export async function compileClient(request: ClientRequest): Promise<CompiledClient> {
  const { compiler, linkage, slice } = request;
  const base = join(request.outputDirectory, ["client", linkage, slice].filter(Boolean).join("-"));
  const program = `${base}${request.target.format === "pe" ? ".exe" : ""}`;
  const functions = await functionTable(request.project);
  await writeFile(`${base}.c`, functions.text);
  const libraries = await packagedLibraries(request);
  const client = { base, program, libraries };
  const { staticLibc } = compiler;
  const isWhole = linkage === "static" && staticLibc !== undefined;
  const steps: Steps = isWhole ? wholeProgram(request, client, staticLibc) : [clientArgs(request, client)];
  const cwd = request.outputDirectory;
  const commands = steps.map((args) => ({ ...compilerCommand(compiler, args), cwd }));
  const link: LinkTest = {
    client: `c-${linkage}`,
    compiler: compiler.name,
    functions: functions.count,
    ...(slice === undefined ? {} : { slice }),
    ...(await runSteps(commands, request)),
  };
  return { link, program, library: libraries.loaded };
}

interface PackagedLibraries {
  /** What the linker reads: the archive, the import library or the dynamic library. */
  readonly linked: string;
  /** What the program runs with. */
  readonly loaded: string;
}

async function packagedLibraries(request: ClientRequest): Promise<PackagedLibraries> {
  const { packageDirectory, linkage } = request;
  const lib = join(packageDirectory, "lib");
  const inLib = await readdir(lib);
  if (linkage === "static") {
    const archive = pick(inLib, /^(?!.*\.dll\.).*\.(a|lib)$/, lib);
    return { linked: archive, loaded: archive };
  }
  if (request.target.format !== "pe") {
    const dynamic = pick(inLib, /\.(so|dylib)$/, lib);
    return { linked: dynamic, loaded: dynamic };
  }
  const bin = join(packageDirectory, "bin");
  return { linked: pick(inLib, /\.dll\.(a|lib)$/, lib), loaded: pick(await readdir(bin), /\.dll$/i, bin) };
}

function pick(names: readonly string[], pattern: RegExp, directory: string): string {
  const found = names.filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`${directory} holds ${found.length} files like ${pattern.source}`);
  return join(directory, basename(found[0] ?? ""));
}

interface Client {
  /** Path of its own source without the ending. */
  readonly base: string;
  readonly program: string;
  readonly libraries: PackagedLibraries;
}

/** Arguments of the driver, run one after the other. */
type Steps = readonly (readonly string[])[];

function clientArgs(request: ClientRequest, { base, program, libraries }: Client): readonly string[] {
  const { linkage, target } = request;
  const link = linkage === "static" ? staticLink(request, libraries) : dynamicLink(request, libraries);
  return [
    ...compileArgs(request),
    ...sourcesOf(request, base),
    "-o",
    program,
    ...link,
    ...systemLibraries(target),
  ];
}

function compileArgs({ project, packageDirectory, linkage }: ClientRequest): string[] {
  const define = linkage === "static" ? [`-D${project.headers.staticDefine}`] : [];
  return ["-std=c11", "-O1", ...define, "-I", join(packageDirectory, "include")];
}

function sourcesOf({ project, compiler }: ClientRequest, base: string): string[] {
  const shared = project.smoke.cSources.map((source) => join(project.root, source));
  return [`${base}.c`, ...shared, ...(compiler.runtimeSources ?? [])];
}

/** Compiled with the driver's headers, linked with the C library of the folder and no other. */
function wholeProgram(request: ClientRequest, { base, program, libraries }: Client, libc: string): Steps {
  const sources = sourcesOf(request, base);
  const objectOf = (source: string): string => `${base}-${basename(source, ".c")}.o`;
  const compile = sources.map((source) => [...compileArgs(request), "-c", source, "-o", objectOf(source)]);
  const start = ["crt1.o", "crti.o"].map((name) => join(libc, name));
  const end = ["libunwind.a", "libc.a", "crtn.o"].map((name) => join(libc, name));
  const others = staticLink(request, libraries).filter((word) => !inStaticLibc.has(word));
  return [...compile, ["-nostdlib", "-o", program, ...start, ...sources.map(objectOf), ...others, ...end]];
}

/** What libunwind.a and libc.a have inside. */
const inStaticLibc = new Set(["-lgcc_s", "-lc", "-lm", "-lpthread", "-ldl", "-lrt", "-lutil"]);

function staticLink(request: ClientRequest, libraries: PackagedLibraries): string[] {
  // A musl program is only independent of this machine's C library when that is linked in too.
  const whole = request.target.family === "linux-musl" ? ["-static"] : [];
  const words = request.nativeStaticLibraries
    .flatMap((entry) => entry.split(/\s+/))
    .filter((word) => word !== "");
  const understood = request.compiler.hasUnixNames ? unixNames(words) : words;
  return [...whole, libraries.linked, ...understood];
}

function dynamicLink(request: ClientRequest, libraries: PackagedLibraries): string[] {
  const { target, packageDirectory, project } = request;
  if (target.format === "pe") return [libraries.linked];
  const lib = join(packageDirectory, "lib");
  // zig links musl programs statically unless told otherwise.
  const dynamic = target.family === "linux-musl" ? ["-dynamic"] : [];
  return [...dynamic, `-L${lib}`, `-l${project.crate.library}`, `-Wl,-rpath,${lib}`];
}

/** What the client itself needs, beyond the library: threads and dladdr are libraries of their own before glibc 2.34. */
function systemLibraries(target: Target): string[] {
  switch (target.family) {
    case "linux-gnu":
      return ["-lpthread", "-ldl"];
    case "android":
      return ["-ldl"];
    default:
      return [];
  }
}
