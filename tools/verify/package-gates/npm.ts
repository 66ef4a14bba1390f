// Gates: an npm package with native code says for which systems it is, and has the files that it names.
import { isProcessorName } from "../../inspect/processor.ts";
import { entryViolation, matching } from "../package-unit.ts";
import type { PackageEntry, PackageGate, PackageUnit } from "../package-unit.ts";
import type { OperatingSystem } from "../library-platform.ts";
import { brokenPromise, type PromisedPlatform } from "./platform-tag.ts";

interface NpmManifest {
  readonly entry: PackageEntry;
  /** Folder of the package in the archive: "package/" in a tarball, "" in a folder. */
  readonly root: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The package.json at the top; those in folders below belong to bundled packages. */
function manifestOf(unit: PackageUnit): NpmManifest | undefined {
  const found = matching(unit, /^([^/]*\/)?package\.json$/).sort(
    (a, b) => a.entry.path.length - b.entry.path.length,
  )[0];
  if (found?.entry.text === undefined) return undefined;
  const fields = parseObject(found.entry.text);
  return fields === undefined ? undefined : { entry: found.entry, root: found.match[1] ?? "", fields };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A field that is a text or a list of texts; entries with "!" exclude and promise nothing. */
function names(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((entry): entry is string => typeof entry === "string" && !entry.startsWith("!"));
}

const npmSystems: Readonly<Record<string, OperatingSystem>> = {
  linux: "linux",
  android: "android",
  win32: "windows",
  darwin: "macos",
  freebsd: "freebsd",
};
/** Where npm does not call a processor as the readers do. */
const npmCpus: Readonly<Record<string, string>> = {
  x64: "x86_64",
  ia32: "i686",
  arm64: "aarch64",
  arm: "armv7",
  ppc64: "powerpc64",
  loong64: "loongarch",
};

export const npmPlatform: PackageGate = {
  id: "npm-platform",
  severity: "error",
  title: "a library is not of the platform that package.json names",
  explanation:
    "npm installs a package with os, cpu and libc where these fit, and nowhere else: the wrong words put a library that cannot load on one system and none on another.",
  fix: "set os, cpu and libc of package.json by what the library is",
  *check(unit) {
    const manifest = manifestOf(unit);
    if (manifest === undefined) return;
    const { os, cpu, libc } = manifest.fields;
    for (const promised of promises(names(os), names(cpu), names(libc)))
      for (const library of unit.libraries)
        yield* brokenPromise(library, promised, "package.json os, cpu, libc");
  },
};

/** A package for one system and processor promises them; one for several leaves the choice to its loader. */
function promises(
  os: readonly string[],
  cpu: readonly string[],
  libc: readonly string[],
): PromisedPlatform[] {
  const system = os.length === 1 ? npmSystems[os[0] ?? ""] : undefined;
  const [named = ""] = cpu.length === 1 ? cpu : [];
  const processor = npmCpus[named] ?? (isProcessorName(named) ? named : undefined);
  const cLibrary = libc.length === 1 && (libc[0] === "glibc" || libc[0] === "musl") ? libc[0] : undefined;
  const promised: PromisedPlatform = {
    ...(system === undefined ? {} : { os: system }),
    ...(processor === undefined ? {} : { cpus: [processor] }),
    ...(cLibrary === undefined ? {} : { libc: cLibrary }),
  };
  return Object.keys(promised).length === 0 ? [] : [promised];
}

export const npmLibc: PackageGate = {
  id: "npm-libc",
  severity: "warning",
  title: "a package for Linux does not say for which C library",
  explanation:
    "Without the field libc npm installs the packages for glibc and for musl side by side, and the loader may choose the wrong one.",
  fix: 'add "libc": ["glibc"] or ["musl"] to package.json',
  *check(unit) {
    const manifest = manifestOf(unit);
    if (manifest === undefined || unit.libraries.every(({ library }) => library.kind === "program")) return;
    const { os, cpu, libc } = manifest.fields;
    // A package for every system has all libraries inside, and chooses itself.
    if (names(os).join() === "linux" && names(cpu).length === 1 && names(libc).length === 0)
      yield entryViolation(manifest.entry, "package.json libc", "none");
  },
};

export const npmMain: PackageGate = {
  id: "npm-main",
  severity: "error",
  title: "a file that package.json names is not in the package",
  explanation: "The package installs and require() or import fails: the list of files to pack left it out.",
  fix: "add the file to the field files, and look at npm pack --dry-run",
  *check(unit) {
    const manifest = manifestOf(unit);
    if (manifest === undefined) return;
    const paths = new Set(unit.entries.map(({ path }) => path));
    for (const [field, target] of targets(manifest.fields)) {
      const path = `${manifest.root}${target.replace(/^\.\//, "")}`;
      const candidates = [
        path,
        `${path}.js`,
        `${path}.json`,
        `${path}.node`,
        `${path}/index.js`,
        `${path}/index.json`,
      ];
      const isFolder = path.endsWith("/") || unit.entries.some((entry) => entry.path.startsWith(`${path}/`));
      if (!isFolder && !candidates.some((candidate) => paths.has(candidate)))
        yield entryViolation(manifest.entry, `package.json ${field}`, target);
    }
  },
};

/** Fields that name one file each; patterns with "*" name many or none. */
function* targets(fields: Readonly<Record<string, unknown>>): Generator<[string, string], void, void> {
  for (const field of ["main", "module", "types"]) {
    const value = fields[field];
    if (typeof value === "string" && value !== "") yield [field, value];
  }
  const { bin } = fields;
  for (const path of typeof bin === "object" && bin !== null ? Object.values(bin) : [bin])
    if (typeof path === "string") yield ["bin", path];
  yield* exportTargets(fields["exports"]);
}

/** Conditions within conditions beyond this depth are no one's honest work. */
const deepestExports = 32;

function* exportTargets(value: unknown, depth = 0): Generator<[string, string], void, void> {
  if (depth > deepestExports) return;
  if (typeof value === "string" && value.startsWith("./") && !value.includes("*")) yield ["exports", value];
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(value)) yield* exportTargets(inner, depth + 1);
}
