// Gates: the tags and lists of a Python wheel say what its bytes are.
import { processorNames } from "../../inspect/processor.ts";
import { compareVersions, objectsOfFormat } from "../gate.ts";
import { baseName, entryViolation, matching } from "../package-unit.ts";
import type {
  PackagedLibrary,
  PackageEntry,
  PackageGate,
  PackageUnit,
  PackageViolation,
} from "../package-unit.ts";
import { brokenPromise, type PromisedPlatform } from "./platform-tag.ts";

/** The platform tags of a wheel, by its WHEEL file; "any" is for wheels without native code. */
function platformTags(
  unit: PackageUnit,
): { readonly entry: PackageEntry; readonly tags: readonly string[] } | undefined {
  const entry = wheelFile(unit);
  if (entry?.text === undefined) return undefined;
  const tags = [...entry.text.matchAll(/^Tag:\s*(\S+)/gm)].map((match) => match[1]?.split("-")[2] ?? "");
  return { entry, tags: [...new Set(tags)] };
}

function wheelFile(unit: PackageUnit): PackageEntry | undefined {
  return matching(unit, /^[^/]+\.dist-info\/WHEEL$/)[0]?.entry;
}

/** Where a tag does not call a processor as the readers do. */
const wheelCpus: Readonly<Record<string, readonly string[]>> = {
  x86_64: ["x86_64"],
  amd64: ["x86_64"],
  i686: ["i686"],
  i386: ["i686"],
  win32: ["i686"],
  aarch64: ["aarch64"],
  arm64: ["aarch64"],
  arm64_v8a: ["aarch64"],
  armeabi_v7a: ["armv7"],
  armv7l: ["armv7"],
  ppc64le: ["powerpc64"],
  universal2: ["x86_64", "aarch64"],
};

function promiseOf(tag: string): PromisedPlatform | undefined {
  const names = [...Object.keys(wheelCpus), ...processorNames()];
  const cpu = names.find((name) => tag === name || tag.endsWith(`_${name}`));
  const cpus = cpu === undefined ? {} : { cpus: wheelCpus[cpu] ?? [cpu] };
  if (/^(many)?linux/.test(tag))
    return { os: "linux", ...cpus, ...(tag.startsWith("many") ? { libc: "glibc" } : {}) };
  if (tag.startsWith("musllinux")) return { os: "linux", libc: "musl", ...cpus };
  if (tag.startsWith("macosx")) return { os: "macos", ...cpus };
  if (tag.startsWith("win")) return { os: "windows", ...cpus };
  if (tag.startsWith("android")) return { os: "android", ...cpus };
  return tag.startsWith("ios") ? { os: "ios", ...cpus } : undefined;
}

export const wheelTag: PackageGate = {
  id: "wheel-tag",
  severity: "error",
  title: "a library is not of the platform that the wheel's tag names",
  explanation:
    "pip chooses wheels by the tag alone: a wheel with the wrong one installs without a word and fails at import.",
  fix: "tag the wheel by what it holds (auditwheel, delocate, `wheel tags --platform-tag`)",
  *check(unit) {
    const wheel = platformTags(unit);
    for (const tag of wheel?.tags ?? []) {
      const promised = promiseOf(tag);
      for (const library of unit.libraries) {
        if (tag === "any")
          yield entryViolation(library.entry, "WHEEL Tag", `${tag}, with native code inside`);
        if (promised !== undefined) yield* brokenPromise(library, promised, `WHEEL Tag ${tag}`);
      }
    }
  },
};

const legacyFloors: Readonly<Record<string, string>> = {
  manylinux1: "2.5",
  manylinux2010: "2.12",
  manylinux2014: "2.17",
};

/** The glibc that a tag promises: manylinux_2_17_x86_64 is 2.17. */
export function glibcOfTag(tag: string): string | undefined {
  const numbers = /^manylinux_(\d+)_(\d+)_/.exec(tag);
  if (numbers !== null) return `${numbers[1] ?? ""}.${numbers[2] ?? ""}`;
  return legacyFloors[/^manylinux\d+/.exec(tag)?.[0] ?? ""];
}

export const wheelGlibc: PackageGate = {
  id: "wheel-glibc",
  severity: "error",
  title: "a library needs a newer glibc than the wheel's tag promises",
  explanation:
    'pip installs the wheel on every system whose glibc is at least the tag\'s; the import then fails with "version GLIBC_… not found".',
  fix: "build in the manylinux image of the tag, or let auditwheel write the tag that the library deserves",
  *check(unit) {
    const floors = (platformTags(unit)?.tags ?? []).flatMap((tag) => {
      const floor = glibcOfTag(tag);
      return floor === undefined ? [] : [{ tag, floor }];
    });
    for (const { tag, floor } of floors)
      for (const library of unit.libraries)
        for (const { object } of objectsOfFormat(library.facts, "elf"))
          for (const version of object.versionNeeds.flatMap(({ versions }) => versions)) {
            const number = /^GLIBC_([\d.]+)$/.exec(version.value)?.[1];
            if (number !== undefined && !version.weak && compareVersions(number, floor) > 0)
              yield {
                path: library.entry.path,
                section: version.section,
                offset: version.offset,
                value: `${version.value}, tag ${tag}`,
              };
          }
  },
};

export const wheelMinimumOs: PackageGate = {
  id: "wheel-minimum-os",
  severity: "error",
  title: "a library needs a newer macOS than the wheel's tag promises",
  explanation:
    "pip installs the wheel on every Mac that is at least the tag's; dyld then refuses the library.",
  fix: "set MACOSX_DEPLOYMENT_TARGET for every compiler, or let delocate write the tag that the libraries deserve",
  *check(unit) {
    for (const tag of platformTags(unit)?.tags ?? []) {
      const floor = /^macosx_(\d+)_(\d+)_/.exec(tag);
      if (floor === null) continue;
      for (const { entry, facts } of unit.libraries)
        for (const { object } of objectsOfFormat(facts, "macho")) {
          const promised = macosFloor(`${floor[1] ?? ""}.${floor[2] ?? ""}`, object.cpu);
          if (object.minimumOs !== undefined && compareVersions(object.minimumOs.value, promised) > 0)
            yield {
              path: entry.path,
              section: object.minimumOs.section,
              offset: object.minimumOs.offset,
              value: `${object.minimumOs.value}, tag ${tag}`,
            };
        }
    }
  },
};

/** The oldest macOS for Apple's own processors is 11.0, whatever a universal wheel's tag says. */
function macosFloor(tagged: string, cpu: string): string {
  return cpu === "aarch64" && compareVersions(tagged, "11.0") < 0 ? "11.0" : tagged;
}

export const wheelRecord: PackageGate = {
  id: "wheel-record",
  severity: "error",
  title: "the wheel's RECORD is not what the wheel holds",
  explanation:
    "Installers check the hashes of RECORD and refuse or warn; files that it does not name stay behind when the wheel is removed. Whoever changes a wheel by hand leaves an old RECORD.",
  fix: "pack the wheel again (python -m wheel pack)",
  *check(unit) {
    const record = matching(unit, /^[^/]+\.dist-info\/RECORD$/)[0]?.entry;
    if (record?.text === undefined) {
      const wheel = wheelFile(unit);
      if (wheel !== undefined) yield entryViolation(wheel, "RECORD", "the wheel has no RECORD");
      return;
    }
    const recorded = readRecord(record.text);
    for (const entry of unit.entries) yield* differences(entry, recorded);
    const present = new Set(unit.entries.map(({ path }) => path));
    for (const path of recorded.keys())
      if (!present.has(path)) yield entryViolation(record, "RECORD", `names ${path}, which is not there`);
  },
};

function* differences(
  entry: PackageEntry,
  recorded: ReadonlyMap<string, string>,
): Generator<PackageViolation, void, void> {
  // RECORD cannot hold its own hash; signatures are made after it.
  if (entry.kind !== "file" || /\.dist-info\/RECORD(\.jws|\.p7s)?$/.test(entry.path)) return;
  const hash = recorded.get(entry.path);
  if (hash === undefined) yield entryViolation(entry, "RECORD", "is not named");
  else if (hash !== "" && entry.sha256 !== undefined && hash !== `sha256=${base64Url(entry.sha256)}`)
    yield entryViolation(entry, "RECORD", `${hash} is not the file's hash`);
}

/** Path and hash of each line; a path with a comma stands in quotes. */
function readRecord(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const match = /^(?:"((?:[^"]|"")*)"|([^,]*)),([^,]*)/.exec(line);
      return [match?.[1]?.replaceAll('""', '"') ?? match?.[2] ?? "", match?.[3] ?? ""];
    }),
  );
}

function base64Url(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64url");
}

export const wheelPurelib: PackageGate = {
  id: "wheel-purelib",
  severity: "error",
  title: "a wheel with native code says that it is pure Python",
  explanation:
    "Root-Is-Purelib: true installs into the folder for code that runs everywhere, which some systems share between processors.",
  fix: "build the wheel with a backend that knows of the library, or set Root-Is-Purelib: false",
  *check(unit) {
    const wheel = wheelFile(unit);
    if (wheel?.text === undefined || unit.libraries.length === 0) return;
    const [line] = /^Root-Is-Purelib:\s*true\s*$/im.exec(wheel.text) ?? [];
    if (line !== undefined) yield entryViolation(wheel, "WHEEL Root-Is-Purelib", "true");
  },
};

export const pythonModuleEntry: PackageGate = {
  id: "python-module-entry",
  severity: "error",
  title: "a Python module has no entry of its name",
  explanation:
    'Python calls PyInit_<module>; without it the import fails with "dynamic module does not define module export function". A renamed file is the usual cause.',
  fix: "name the file after the module that the library was compiled as",
  *check(unit) {
    for (const packaged of unit.libraries) {
      const name = moduleName(packaged);
      if (name === undefined) continue;
      const exported = exportedNames(packaged);
      if (!exported.has(`PyInit_${name}`) && !exported.has(`init${name}`))
        yield entryViolation(packaged.entry, "exports", `no PyInit_${name}`);
    }
  },
};

/** Only these names say that a file is a Python module. */
function moduleName({ entry }: PackagedLibrary): string | undefined {
  return /^([^.]+)\.(?:cpython-[^/]*|pypy[^/]*|abi3)\.so$|^([^.]+)(?:\.[^/]*)?\.pyd$/
    .exec(baseName(entry.path))
    ?.slice(1)
    .find((name) => name !== undefined);
}

function exportedNames({ facts }: PackagedLibrary): Set<string> {
  const names = new Set<string>();
  for (const { object } of objectsOfFormat(facts, "elf"))
    for (const symbol of object.symbols) if (symbol.defined) names.add(symbol.name);
  for (const { object } of objectsOfFormat(facts, "pe"))
    for (const { value } of object.exports) names.add(value);
  for (const { object } of objectsOfFormat(facts, "macho"))
    for (const { value } of object.exports) names.add(value.replace(/^_/, ""));
  return names;
}

/** Where RECORD, WHEEL and the tag of a wheel's own name disagree. */
export const wheelFileName: PackageGate = {
  id: "wheel-file-name",
  severity: "error",
  title: "the wheel's file name and its WHEEL file name other platforms",
  explanation:
    "pip reads the file name, other tools the WHEEL file; a wheel that was renamed passes the first only.",
  fix: "change tags with `wheel tags`, which changes both",
  *check(unit) {
    const wheel = platformTags(unit);
    const inName = /-([^-]+)\.whl$/.exec(unit.name)?.[1]?.split(".");
    if (wheel === undefined || inName === undefined) return;
    const missing = inName.filter((tag) => !wheel.tags.includes(tag));
    if (missing.length > 0)
      yield entryViolation(
        wheel.entry,
        "WHEEL Tag",
        `${wheel.tags.join(", ")}; the file's name says ${missing.join(", ")}`,
      );
  },
};
