// Which Debian packages give emulators and C libraries to a machine that lacks them, whoever is logged in.
import { chmod, cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Process } from "../shared/process.ts";
import { debianTree, type DebianTree, type TreeOutcome } from "./debian-tree.ts";
import type { FetchRequest } from "./fetch-request.ts";
import { emulatedProcessors } from "./requirements.ts";

export type TreeName = keyof typeof trees;

/** The release whose packages are used where nothing speaks for another one. */
const stable = "bookworm";

/** The oldest release that Debian's mirrors hold. */
const oldest = "bullseye";

export const trees = {
  "qemu-user": {
    ...tree("qemu-user", stable, hostArchitecture(), ["qemu-user-static"], 63),
    finish: keepUsedEmulators,
  },
  "glibc-i686": tree("glibc-i686", stable, "amd64", ["libc6-i386-cross"], 2),
  "glibc-aarch64": tree("glibc-aarch64", stable, "amd64", crossLibraries("arm64"), 2),
  "glibc-armv7": tree("glibc-armv7", stable, "amd64", crossLibraries("armhf"), 2),
  "glibc-riscv64": tree("glibc-riscv64", stable, "amd64", crossLibraries("riscv64"), 2),
  "musl-x86_64": tree("musl-x86_64", stable, "amd64", ["musl"], 1),
  "musl-i686": tree("musl-i686", stable, "i386", ["musl"], 1),
  "musl-aarch64": tree("musl-aarch64", stable, "arm64", ["musl"], 1),
  "musl-armv7": tree("musl-armv7", stable, "armhf", ["musl"], 1),
  "old-glibc-x86_64": tree("glibc-x86_64", oldest, "amd64", ["libc6"], 3),
  "old-glibc-i686": tree("glibc-i686", oldest, "i386", ["libc6"], 3),
  "old-glibc-aarch64": tree("glibc-aarch64", oldest, "arm64", ["libc6"], 3),
  "old-glibc-armv7": tree("glibc-armv7", oldest, "armhf", ["libc6"], 3),
  patchelf: tree("patchelf", stable, hostArchitecture(), ["patchelf"], 1),
  /** The first Debian package of Wine that runs 32-bit programs without 32-bit Linux libraries. */
  wine: tree("wine", "sid", "amd64", winePackages(), 210),
} as const satisfies Record<string, DebianTree>;

export async function fetchTree(name: TreeName, request: FetchRequest): Promise<TreeOutcome> {
  if (name !== "wine") return debianTree(trees[name], request);
  const patchelf = await debianTree(trees.patchelf, request);
  if (patchelf.kind === "missing") return patchelf;
  const program = join(patchelf.directory, "usr/bin/patchelf");
  const finish = (unpacked: string, path: string, process: Process): Promise<void> =>
    bindWine(unpacked, path, program, process);
  return debianTree({ ...trees.wine, finish }, request);
}

/** Inside the Wine tree: what a prefix needs in its windows folder before Wine starts in it. */
export const wineWindowsFolder = "windows";

/** Inside the Wine tree: the loader for 32-bit and 64-bit programs. */
export const wineLoader = "usr/lib/x86_64-linux-gnu/wine/wine";

function tree(
  name: string,
  suite: string,
  architecture: string,
  packages: readonly string[],
  megabytes: number,
): DebianTree {
  return { name, suite, architecture, packages, megabytes };
}

function hostArchitecture(): string {
  return process.arch === "arm64" ? "arm64" : "amd64";
}

/** Node needs the C++ library, and a program of gcc's may need libgcc_s. */
function crossLibraries(architecture: string): string[] {
  return ["libc6", "libgcc-s1", "libstdc++6", "libatomic1"].map((name) => `${name}-${architecture}-cross`);
}

function winePackages(): string[] {
  const wine = ["wine64", "libwine", "wine-common", "libz-mingw-w64"];
  return [...wine, "libc6", "libgcc-s1", "libunwind8", "liblzma5"];
}

/** The package holds emulators for thirty processors, 390 MB. */
async function keepUsedEmulators(unpacked: string): Promise<void> {
  const programs = join(unpacked, "usr/bin");
  const used = new Set(emulatedProcessors.map((name) => `qemu-${name}-static`));
  for (const name of await readdir(programs))
    if (!used.has(name)) await rm(join(programs, name), { force: true });
}

/**
 * Wine starts itself again for each process, so its programs must find the C library of the tree by themselves: theirs is
 * newer than the machine's. Its own libraries lack zlib, which Debian takes from another package.
 */
async function bindWine(unpacked: string, path: string, patchelf: string, process: Process): Promise<void> {
  const libraries = join(path, "usr/lib/x86_64-linux-gnu");
  const interpreter = join(libraries, "ld-linux-x86-64.so.2");
  for (const name of ["wine", "wineserver"]) {
    const program = join(unpacked, "usr/lib/x86_64-linux-gnu/wine", name);
    await chmod(program, 0o755);
    const args = ["--force-rpath", "--set-rpath", libraries, "--set-interpreter", interpreter, program];
    const exit = await process.run({ program: patchelf, args, timeoutMs: 60_000 });
    if (exit.code !== 0) throw new Error(`patchelf ${args.join(" ")}: ${exit.stderr}`);
  }
  for (const [mingw, system] of [
    ["x86_64-w64-mingw32", "system32"],
    ["i686-w64-mingw32", "syswow64"],
  ] as const) {
    const folder = join(unpacked, wineWindowsFolder, system);
    await mkdir(folder, { recursive: true });
    await cp(join(unpacked, "usr", mingw, "lib/zlib1.dll"), join(folder, "zlib1.dll"));
  }
  for (const unused of ["usr/share/doc", "usr/share/man"])
    await rm(join(unpacked, unused), { recursive: true, force: true });
}
