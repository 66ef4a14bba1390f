// What a release manager asks of one library: what it calls itself, offers, needs, and the oldest system that has it.
import type { ArtifactFacts, ObjectFacts } from "../inspect/facts.ts";

export interface LibrarySummary {
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
  /** One entry for a thin file, one for each processor of a fat file; archives count as one. */
  readonly parts: readonly LibraryPart[];
}

export interface LibraryPart {
  readonly format: string;
  readonly cpu: string;
  /** SONAME, install name or DLL name. */
  readonly name?: string;
  /** Names that other programs can link against, sorted; absent in archives. */
  readonly exports?: readonly string[];
  /** Libraries that the loader looks for. */
  readonly dependencies?: readonly string[];
  /** The newest system version that a symbol or the header asks for, e.g. "glibc 2.17". */
  readonly oldestSystem?: string;
  /** Object files of an archive. */
  readonly members?: number;
}

export function summarizeLibrary({ path, bytes, sha256, content }: ArtifactFacts): LibrarySummary {
  return { fileName: path.split(/[\\/]/).at(-1) ?? path, bytes, sha256, parts: partsOf(content) };
}

function partsOf(content: ArtifactFacts["content"]): LibraryPart[] {
  switch (content.format) {
    case "fat":
      return content.slices.flatMap((slice) => partsOf(slice.content));
    case "archive": {
      const objects = content.members.flatMap(({ object }) => (object === undefined ? [] : [object]));
      const formats = [...new Set(objects.map(({ format }) => format))].join(" and ") || "empty";
      const cpus = [...new Set(objects.map(({ cpu }) => cpu))].join(" and ");
      return [{ format: `${formats} archive`, cpu: cpus, members: objects.length }];
    }
    default:
      return [objectPart(content)];
  }
}

function objectPart(object: ObjectFacts): LibraryPart {
  const base = { format: object.format, cpu: object.cpu };
  switch (object.format) {
    case "elf": {
      const exported = object.symbols.filter(({ defined, visible }) => defined && visible);
      return {
        ...base,
        ...named(object.dynamic?.soname?.value),
        exports: exported.map(({ name }) => name).sort(),
        dependencies: values(object.dynamic?.needed ?? []),
        ...oldest(elfSystem(object)),
      };
    }
    case "pe":
      return {
        ...base,
        ...named(object.exportName?.value),
        exports: values(object.exports).sort(),
        dependencies: object.imports.map(({ library }) => library.value),
        ...oldest(`Windows ${object.minimumOsVersion.value}`),
      };
    case "macho": {
      const { minimumOs, platform } = object;
      return {
        ...base,
        ...named(object.installName?.value),
        exports: values(object.exports).sort(),
        dependencies: values(object.dependencies),
        ...oldest(minimumOs === undefined ? undefined : `${platform.value} ${minimumOs.value}`),
      };
    }
    default:
      return base;
  }
}

function values(list: readonly { readonly value: string }[]): string[] {
  return list.map(({ value }) => value);
}

function named(name: string | undefined): { readonly name?: string } {
  return name === undefined ? {} : { name };
}

function oldest(system: string | undefined): { readonly oldestSystem?: string } {
  return system === undefined ? {} : { oldestSystem: system };
}

function elfSystem({
  versionNeeds,
  androidApi,
}: Extract<ObjectFacts, { readonly format: "elf" }>): string | undefined {
  if (androidApi !== undefined) return `Android API ${androidApi.value}`;
  const numbers = versionNeeds
    .flatMap(({ versions }) => versions)
    .filter(({ weak }) => !weak)
    .flatMap(({ value }) => /^GLIBC_([\d.]+)$/.exec(value)?.[1] ?? [])
    .sort((left, right) => left.localeCompare(right, "en", { numeric: true }));
  const newest = numbers.at(-1);
  return newest === undefined ? undefined : `glibc ${newest}`;
}
