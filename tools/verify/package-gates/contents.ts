// Gates: a package can be unpacked everywhere, and holds what those who use it need.
import { baseName, entryViolation, matching } from "../package-unit.ts";
import type {
  PackageEntry,
  PackageGate,
  PackageProblem,
  PackageUnit,
  PackageViolation,
} from "../package-unit.ts";

/** Flaws that the archive's reader finds and that are rules of their own. */
const ownRules: readonly string[] = ["case-collision", "name-not-portable"];

export const packageStructure: PackageGate = {
  id: "package-structure",
  severity: "error",
  title: "the archive is not what an honest archiver writes",
  explanation:
    "Programs that unpack it disagree on what is in it, refuse it, or write outside the folder that they were given.",
  fix: "pack the files again, with relative paths, each once",
  milder: {
    severity: "warning",
    title: "a link in a folder is absolute or leads out of it",
    explanation:
      "In a system's own folder that is as it should be. Of a folder that is packed or copied, what the link leads to stays behind.",
    fix: "before the folder is packed, put the file itself in the link's place; leave a system's folder as it is",
  },
  *check({ problems, isFolder }) {
    for (const problem of problems)
      if (!ownRules.includes(problem.code))
        yield isFolder && problem.code === "link-escapes"
          ? { ...asViolation(problem), isMilder: true }
          : asViolation(problem);
  },
};

function asViolation({ code, path, offset, message }: PackageProblem): PackageViolation {
  return { ...(path === undefined ? {} : { path }), section: code, offset, value: message };
}

export const caseCollision: PackageGate = {
  id: "case-collision",
  severity: "error",
  title: "two paths differ in the case of their letters only",
  explanation: "Windows and macOS have one file for both: the second overwrites the first without a word.",
  fix: "rename one of the two",
  *check({ problems }) {
    yield* problems.filter(({ code }) => code === "case-collision").map(asViolation);
  },
};

export const portablePath: PackageGate = {
  id: "portable-path",
  severity: "error",
  title: "a path cannot be made on every system",
  explanation:
    'Windows has no files with <>:"|?* or a control character in the name, and none called as a device (aux, con, nul).',
  fix: "rename the file",
  *check({ problems }) {
    yield* problems.filter(({ code }) => code === "name-not-portable").map(asViolation);
  },
};

export const packageLinks: PackageGate = {
  id: "package-links",
  severity: "error",
  title: "a link is in a package whose installer makes none",
  explanation:
    "npm leaves links out, pip writes the link's target as the file's text, NuGet and Gradle fail: the library behind the link is not there when it is loaded.",
  fix: "ship the file itself under the name that is loaded; give the library a SONAME without a version",
  *check(unit) {
    if (!isInstalled(unit)) return;
    for (const entry of unit.entries)
      if (entry.kind === "symlink" || entry.kind === "hardlink")
        yield entryViolation(entry, entry.kind, entry.linkTarget ?? "");
  },
};

/** A package of a registry, by what it holds and never by its name. */
function isInstalled(unit: PackageUnit): boolean {
  const markers =
    /^[^/]+\.dist-info\/WHEEL$|^package\/package\.json$|^[^/]+\.nuspec$|^AndroidManifest\.xml$|^META-INF\/MANIFEST\.MF$/;
  return unit.entries.some(({ path }) => markers.test(path));
}

export const licenceMissing: PackageGate = {
  id: "licence-missing",
  severity: "warning",
  title: "the package has native code and no licence text",
  explanation:
    "Nearly every licence asks that its text goes with the binary; companies' scanners refuse packages without one.",
  fix: "put LICENSE, and the notices of all linked code, into the package",
  *check(unit) {
    const [first] = unit.libraries;
    if (first === undefined || !isPackage(unit)) return;
    if (
      !unit.entries.some(({ path }) => /(^|\/)(licen[cs]es?|copying|copyright|notice|unlicense)/i.test(path))
    )
      yield entryViolation(first.entry, "package", "no LICENSE, COPYING, COPYRIGHT or NOTICE");
  },
};

/** Archives are packages; a folder is one where something in it says so. */
function isPackage(unit: PackageUnit): boolean {
  return /\.(whl|tgz|tar(\.\w+)?|zip|jar|aar|nupkg)$/i.test(unit.name) || isInstalled(unit);
}

export const headersMissing: PackageGate = {
  id: "headers-missing",
  severity: "warning",
  title: "there are libraries to link and no header",
  explanation:
    "Static and import libraries are for C programs, which cannot be written without the declarations.",
  fix: "ship the headers, under include/",
  *check(unit) {
    const first = unit.libraries.find(
      ({ library }) => library.kind === "static" || library.kind === "import",
    );
    if (first === undefined || !isPackage(unit)) return;
    if (!unit.entries.some(({ path }) => /\.(h|hh|hpp|hxx|rs|pc)$/i.test(path)))
      yield entryViolation(first.entry, "package", "no header");
  },
};

export const executableBit: PackageGate = {
  id: "executable-bit",
  severity: "error",
  title: "a program may not be executed",
  explanation:
    'Unpacked as it is, it ends with "permission denied". Uploads through artifact stores lose the permission.',
  fix: "set mode 755 when the package is written, not before",
  *check(unit) {
    for (const { entry, library, facts } of unit.libraries) {
      const runsOnUnix = facts.content.format !== "pe";
      const recorded = entry.mode !== undefined && (entry.mode & 0o777) !== 0;
      if (library.kind === "program" && runsOnUnix && recorded && ((entry.mode ?? 0) & 0o111) === 0)
        yield entryViolation(entry, "mode", (entry.mode ?? 0).toString(8));
    }
  },
};

export const duplicateLibrary: PackageGate = {
  id: "duplicate-library",
  severity: "warning",
  title: "the same library is in the package twice",
  explanation:
    "Links that became copies, or one platform's library in the place of another's: the package is larger than it must be, or wrong.",
  fix: "ship the library once; look at the step that collects the libraries",
  *check({ libraries }) {
    const seen = new Map<string, PackageEntry>();
    for (const { entry } of libraries) {
      const other = entry.sha256 === undefined ? undefined : seen.get(entry.sha256);
      if (other !== undefined) yield entryViolation(entry, "content", `the same bytes as ${other.path}`);
      else if (entry.sha256 !== undefined) seen.set(entry.sha256, entry);
    }
  },
};

/** Largest files that the registries take without asking. */
const sizeLimits: readonly { readonly marker: RegExp; readonly name: string; readonly bytes: number }[] = [
  { marker: /^[^/]+\.dist-info\/WHEEL$/, name: "PyPI", bytes: 100 * 2 ** 20 },
  { marker: /^[^/]+\.nuspec$/, name: "NuGet", bytes: 250 * 2 ** 20 },
];

export const packageSize: PackageGate = {
  id: "package-size",
  severity: "warning",
  title: "the package is larger than its registry takes",
  explanation: "The upload is refused after everything else of the release is out.",
  fix: "strip the libraries, and give each platform a package of its own",
  *check(unit) {
    const { packedBytes } = unit;
    if (packedBytes === undefined) return;
    for (const { marker, name, bytes: most } of sizeLimits) {
      const entry = unit.entries.find(({ path }) => marker.test(path));
      if (entry !== undefined && packedBytes > most)
        yield entryViolation(entry, "package", `${packedBytes} bytes; ${name} takes ${most}`);
    }
  },
};

export const libraryUnreadable: PackageGate = {
  id: "library-unreadable",
  severity: "error",
  title: "a file with the name of a library is none",
  explanation:
    "Pointers of Git LFS, error pages and half a download take the place of libraries when nobody looks at the content.",
  fix: "fetch or build the library again, and pack the package anew",
  *check(unit) {
    for (const entry of unit.entries)
      if (entry.unreadable !== undefined)
        yield {
          path: entry.path,
          section: "content",
          offset: entry.unreadable.offset,
          value: entry.unreadable.problem,
        };
  },
};

export const packageConfig: PackageGate = {
  id: "pkg-config-prefix",
  severity: "warning",
  title: "a pkg-config file names a folder of the build machine",
  explanation:
    "Its flags then point to folders that no other machine has; the user's build finds neither header nor library.",
  fix: "write prefix=${pcfiledir}/../.. and name all other folders by ${prefix}",
  *check(unit) {
    for (const { entry } of matching(unit, /\.pc$/)) {
      const prefix = /^prefix\s*=\s*(\/\S*)$/m.exec(entry.text ?? "")?.[1];
      if (prefix !== undefined && !/^\/usr(\/local)?\/?$/.test(prefix))
        yield {
          path: entry.path,
          section: "prefix",
          offset: (entry.text ?? "").indexOf(prefix),
          value: prefix,
        };
    }
  },
};

export const manifestDigest: PackageGate = {
  id: "manifest-digest",
  severity: "error",
  title: "a list of digests in the package is not that of its files",
  explanation:
    "Whoever checks the package against its own list refuses it; a library was changed or exchanged after it was listed.",
  fix: "change nothing between the listing and the packing, and pack again",
  *check(unit) {
    for (const { entry } of matching(unit, /(^|\/)(manifest\.json|SHA256SUMS)$/))
      for (const { name, digest, offset } of digests(entry)) {
        const found = listedFile(unit, entry, name);
        if (found?.sha256 !== undefined && found.sha256 !== digest)
          yield {
            path: entry.path,
            section: name,
            offset,
            value: `${digest}; the file's is ${found.sha256}`,
          };
      }
  },
};

/** Lists name files from their own folder, or by the last part of the path alone. */
function listedFile({ entries }: PackageUnit, list: PackageEntry, name: string): PackageEntry | undefined {
  const path = `${list.path.slice(0, -baseName(list.path).length)}${name.replace(/^\.\//, "")}`;
  const exact = entries.find((entry) => entry.path === path);
  if (exact !== undefined) return exact;
  const [found, ...more] = entries.filter((entry) => baseName(entry.path) === baseName(name));
  return more.length === 0 ? found : undefined;
}

/** Names with SHA-256 digests: lines of SHA256SUMS, and objects with a name or path and, not far behind, "sha256". */
function* digests({
  path,
  text = "",
}: PackageEntry): Generator<{ name: string; digest: string; offset: number }, void, void> {
  const pattern = path.endsWith("SHA256SUMS")
    ? /^(?<digest>[0-9a-f]{64})[ *]+(?<name>\S+)$/gm
    : /"(?:name|file|fileName|path)":\s*"(?<name>[^"]+)"[^{}]{0,1000}?"sha256":\s*"(?<digest>[0-9a-f]{64})"/g;
  for (const match of text.matchAll(pattern))
    yield { name: match.groups?.["name"] ?? "", digest: match.groups?.["digest"] ?? "", offset: match.index };
}
