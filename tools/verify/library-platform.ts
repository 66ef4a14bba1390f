// What a library runs on, in words that the tags of all package formats can be compared with.
import type { ArtifactFacts, ObjectFacts } from "../inspect/facts.ts";
import { objectsOf } from "./gate.ts";
import { libcOf } from "./infer-policy.ts";
import type { CLibrary } from "./policy.ts";

export type OperatingSystem = "linux" | "android" | "windows" | "macos" | "ios" | "freebsd" | "other";

export interface LibraryPlatform {
  /** undefined where the bytes do not say, as in most static libraries. */
  readonly os: OperatingSystem | undefined;
  /** One for each processor; several in a fat file. */
  readonly cpus: readonly string[];
  readonly littleEndian: boolean;
  readonly libc: CLibrary | undefined;
}

export function platformOf(facts: ArtifactFacts): LibraryPlatform {
  const objects = objectsOf(facts).map(({ object }) => object);
  const elf = objects.find((object) => object.format === "elf");
  return {
    os: objects.map(systemOf).find((os) => os !== undefined),
    cpus: [...new Set(objects.map(({ cpu }) => cpu))],
    littleEndian: elf?.littleEndian ?? true,
    libc: elf === undefined ? undefined : libcOf(elf),
  };
}

/** "x86_64, linux, musl": for a person. */
export function platformName({ os, cpus, libc }: LibraryPlatform): string {
  return [cpus.join(" and "), os, os === "linux" ? libc : undefined]
    .filter((part) => part !== undefined)
    .join(", ");
}

const ELFOSABI_FREEBSD = 9;

function systemOf(object: ObjectFacts): OperatingSystem | undefined {
  switch (object.format) {
    case "pe":
    case "coff":
    case "coff-import":
      return "windows";
    case "macho":
      return appleSystem(object.platform.value);
    case "elf": {
      if (object.osAbi.value === ELFOSABI_FREEBSD) return "freebsd";
      const libc = libcOf(object);
      if (libc === undefined) return undefined;
      return libc === "bionic" ? "android" : "linux";
    }
  }
}

function appleSystem(platform: string): OperatingSystem | undefined {
  if (platform === "unknown") return undefined;
  if (platform === "macos") return "macos";
  return platform.startsWith("ios") ? "ios" : "other";
}
