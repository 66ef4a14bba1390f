// Finds Microsoft's compilers and libraries: Visual Studio on Windows, what xwin has laid out elsewhere.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Probe } from "./probe.ts";
import type { MicrosoftSdk, VisualStudio, Xwin } from "./sdk.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export async function findMicrosoftSdk(
  probe: Probe,
  environment: Environment,
  platform: NodeJS.Platform,
): Promise<MicrosoftSdk | undefined> {
  return platform === "win32" ? findVisualStudio(probe, environment) : findXwin(environment);
}

/** A developer prompt names its own; otherwise Microsoft's installer knows what it has installed. */
async function findVisualStudio(probe: Probe, environment: Environment): Promise<VisualStudio | undefined> {
  const prompt = environment["VCINSTALLDIR"];
  const folders = prompt === undefined ? await installations(probe, environment) : [prompt];
  for (const folder of folders) {
    const version = environment["VCToolsVersion"] ?? defaultTools(folder);
    const cpus = cpusIn(join(folder, "Tools", "MSVC", version, "lib"));
    if (version !== "" && cpus.length > 0) return { kind: "visual-studio", folder, version, cpus };
  }
  return undefined;
}

/** The VC folders of all installations with compilers, newest first. */
async function installations(probe: Probe, environment: Environment): Promise<string[]> {
  const programs = environment["ProgramFiles(x86)"] ?? environment["ProgramFiles"];
  if (programs === undefined) return [];
  const vswhere = join(programs, "Microsoft Visual Studio", "Installer", "vswhere.exe");
  // Not -requires x86.x64: a machine may have the compilers of ARM alone.
  const output = await probe(vswhere, ["-products", "*", "-sort", "-format", "json", "-utf8"]);
  return installationPaths(output ?? "[]").map((path) => join(path, "VC"));
}

function installationPaths(json: string): string[] {
  try {
    const found: unknown = JSON.parse(json);
    if (!Array.isArray(found)) return [];
    return found
      .map((entry: { readonly installationPath?: unknown } | null) => entry?.installationPath)
      .filter((path) => typeof path === "string");
  } catch {
    return [];
  }
}

function defaultTools(vc: string): string {
  return textOf(join(vc, "Auxiliary", "Build", "Microsoft.VCToolsVersion.default.txt")).trim();
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Rust's names of processors and those of Microsoft's folders, of which xwin also uses Rust's. */
const folderNames: Readonly<Record<string, readonly string[]>> = {
  x86_64: ["x86_64", "x64"],
  i686: ["x86"],
  aarch64: ["aarch64", "arm64"],
};

function cpusIn(libraries: string): string[] {
  return Object.entries(folderNames)
    .filter(([, names]) => names.some((name) => existsSync(join(libraries, name, "msvcrt.lib"))))
    .map(([cpu]) => cpu);
}

/** `XWIN_CACHE_DIR` is cargo-xwin's variable; `xwin splat` writes to .xwin-cache/splat unless told otherwise. */
function findXwin(environment: Environment): Xwin | undefined {
  const { XWIN_CACHE_DIR, XWIN_CACHE, XDG_CACHE_HOME, HOME } = environment;
  const caches = XDG_CACHE_HOME ?? (HOME === undefined ? undefined : join(HOME, ".cache"));
  const mac = HOME === undefined ? undefined : join(HOME, "Library", "Caches");
  const parents = [
    ...[XWIN_CACHE_DIR, XWIN_CACHE],
    ...[caches, mac].map((folder) => (folder === undefined ? undefined : join(folder, "cargo-xwin"))),
  ].filter((folder) => folder !== undefined);
  const candidates = parents.flatMap((folder) => [folder, join(folder, "xwin"), join(folder, "splat")]);
  return candidates.map(xwinIn).find((found) => found !== undefined);
}

function xwinIn(folder: string): Xwin | undefined {
  const libraries = Object.fromEntries(
    Object.entries(folderNames).flatMap(([cpu, names]) => {
      const found = names.map((name) => libraryFolders(folder, name)).find(isComplete);
      return found === undefined ? [] : [[cpu, found.map(({ path }) => path)]];
    }),
  );
  if (Object.keys(libraries).length === 0) return undefined;
  return { kind: "xwin", folder, version: runtimeVersion(folder), libraries };
}

interface LibraryFolder {
  readonly path: string;
  /** A file without which it is of no use, in any case of letters. */
  readonly holds: string;
}

function libraryFolders(folder: string, name: string): LibraryFolder[] {
  return [
    { path: join(folder, "crt", "lib", name), holds: "msvcrt.lib" },
    { path: join(folder, "sdk", "lib", "um", name), holds: "kernel32.lib" },
    { path: join(folder, "sdk", "lib", "ucrt", name), holds: "ucrt.lib" },
  ];
}

/** A download that was broken off has some of its folders, and not all. */
function isComplete(folders: readonly LibraryFolder[]): boolean {
  return folders.every(
    ({ path, holds }) => existsSync(path) && readdirSync(path).some((name) => name.toLowerCase() === holds),
  );
}

function runtimeVersion(folder: string): string {
  const text = textOf(join(folder, "crt", "include", "crtversion.h"));
  const part = (name: string): string | undefined =>
    new RegExp(`^\\s*#\\s*define\\s+_VC_CRT_${name}_VERSION\\s+(\\d+)`, "m").exec(text)?.[1];
  const parts = [part("MAJOR"), part("MINOR"), part("BUILD")];
  return parts.includes(undefined) ? "" : parts.join(".");
}

/** Folders of the headers, as the compiler searches them. */
export function xwinHeaders({ folder }: Xwin): string[] {
  const sdk = ["ucrt", "um", "shared"].map((name) => join(folder, "sdk", "include", name));
  return [join(folder, "crt", "include"), ...sdk];
}
