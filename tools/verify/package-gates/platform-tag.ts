// What tags of packages promise about their libraries, and whether the bytes keep it.
import type { CLibrary } from "../policy.ts";
import { platformName, platformOf, type OperatingSystem } from "../library-platform.ts";
import { entryViolation, type PackagedLibrary, type PackageViolation } from "../package-unit.ts";

export interface PromisedPlatform {
  readonly os?: OperatingSystem;
  readonly cpus?: readonly string[];
  readonly libc?: CLibrary;
}

/** A violation where a library is not of the platform that a tag promises. */
export function* brokenPromise(
  { entry, facts, library }: PackagedLibrary,
  promised: PromisedPlatform,
  tag: string,
): Generator<PackageViolation, void, void> {
  const found = platformOf(facts);
  const wrong =
    (promised.os !== undefined && found.os !== undefined && found.os !== promised.os) ||
    (promised.cpus !== undefined && !promised.cpus.some((cpu) => found.cpus.includes(cpu))) ||
    (promised.libc !== undefined && found.libc !== undefined && found.libc !== promised.libc);
  if (wrong && library.kind !== "import")
    yield entryViolation(entry, tag, `the library is for ${platformName(found)}`);
}
