// The C libraries that programs of each processor load, as a Debian system has them and as Debian's packages unpack.
import type { Target } from "../matrix/target.ts";
import { installLine, runnerPackages } from "./requirements.ts";
import type { TreeName } from "./trees.ts";

export interface CLibrary {
  /** For people: "glibc for aarch64". */
  readonly name: string;
  /** Folders of a system in which the loader may be; "/" where the system's own loader is meant. */
  readonly systemRoots: readonly string[];
  readonly tree: TreeName;
  /** The same folder inside the tree. */
  readonly rootInTree: string;
  /** Below the root. */
  readonly loader: string;
  /** Below the root, where more than the loader has to be there. */
  readonly alsoNeeds?: string;
  /** Below the root, where the loader does not find the libraries by itself. */
  readonly folder?: string;
  /** The line that installs it. */
  readonly remedy: string;
}

/** glibc of a processor that is not this machine's. */
export function foreignLibraries(target: Target): CLibrary | undefined {
  switch (target.cpu) {
    case "i686":
      return { ...crossLibrary(target, "i686-linux-gnu", "ld-linux.so.2", "glibc-i686"), folder: "lib" };
    case "aarch64":
      return crossLibrary(target, "aarch64-linux-gnu", "ld-linux-aarch64.so.1", "glibc-aarch64");
    case "armv7":
      return crossLibrary(target, "arm-linux-gnueabihf", "ld-linux-armhf.so.3", "glibc-armv7");
    case "riscv64":
      return crossLibrary(target, "riscv64-linux-gnu", "ld-linux-riscv64-lp64d.so.1", "glibc-riscv64");
    default:
      return undefined;
  }
}

/** The same with the C++ library, which Node is linked to. */
export function foreignCxxLibraries(target: Target): CLibrary | undefined {
  const library = foreignLibraries(target);
  if (library === undefined) return undefined;
  const packages = runnerPackages[`node-${target.cpu}` as keyof typeof runnerPackages] ?? [];
  return { ...library, alsoNeeds: "lib/libstdc++.so.6", remedy: installLine(packages) };
}

/** musl's loader is the C library, too. */
export function muslLibrary({ cpu }: Target): CLibrary | undefined {
  switch (cpu) {
    case "x86_64":
      return musl(cpu, "x86_64", installLine(runnerPackages["x86_64-unknown-linux-musl"]), "musl-x86_64");
    case "i686":
      return musl(cpu, "i386", foreignMusl("i386"), "musl-i686");
    case "aarch64":
      return musl(cpu, "aarch64", foreignMusl("arm64"), "musl-aarch64");
    case "armv7":
      return musl(cpu, "armhf", foreignMusl("armhf"), "musl-armv7");
    default:
      return undefined;
  }
}

/** Debian 11: before glibc 2.34, so threads, dlopen and mathematics are libraries of their own. */
export function oldLibraries({ cpu }: Target): CLibrary | undefined {
  switch (cpu) {
    case "x86_64":
      return oldGlibc(cpu, "x86_64-linux-gnu/ld-linux-x86-64.so.2", "old-glibc-x86_64");
    case "i686":
      return oldGlibc(cpu, "i386-linux-gnu/ld-linux.so.2", "old-glibc-i686");
    case "aarch64":
      return oldGlibc(cpu, "aarch64-linux-gnu/ld-linux-aarch64.so.1", "old-glibc-aarch64");
    case "armv7":
      return oldGlibc(cpu, "arm-linux-gnueabihf/ld-linux-armhf.so.3", "old-glibc-armv7");
    default:
      return undefined;
  }
}

function crossLibrary({ triple, cpu }: Target, gnu: string, loader: string, tree: TreeName): CLibrary {
  const packages = runnerPackages[triple as keyof typeof runnerPackages];
  return {
    name: `glibc for ${cpu}`,
    systemRoots: [...(cpu === "i686" ? ["/"] : []), `/usr/${gnu}`],
    tree,
    rootInTree: `usr/${gnu}`,
    loader: `lib/${loader}`,
    remedy: installLine(packages),
  };
}

function musl(cpu: string, name: string, remedy: string, tree: TreeName): CLibrary {
  const loader = `lib/ld-musl-${name}.so.1`;
  return { name: `musl for ${cpu}`, systemRoots: ["/"], tree, rootInTree: "", loader, remedy };
}

function foreignMusl(architecture: string): string {
  return `dpkg --add-architecture ${architecture} && apt-get update && apt-get install -y musl:${architecture}`;
}

function oldGlibc(cpu: string, loader: string, tree: TreeName): CLibrary {
  return {
    name: `glibc 2.31 of Debian 11 for ${cpu}`,
    systemRoots: [],
    tree,
    rootInTree: "",
    loader: `lib/${loader}`,
    folder: `lib/${loader.slice(0, loader.indexOf("/"))}`,
    remedy: installLine(["apt", "dpkg", "debian-archive-keyring"]),
  };
}
