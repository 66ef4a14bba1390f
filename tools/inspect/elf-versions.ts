// Reads the version tables of dynamic ELF symbols: which versions are needed of which library, and which are defined.
import type { Cursor } from "./cursor.ts";
import { dynamicTag, stringTable } from "./elf-dynamic.ts";
import type { ElfFacts, ElfVersionDefinition } from "./elf-facts.ts";
import { atAddress, dynamicValue, sectionContent, sectionOfType, type ElfFile } from "./elf-file.ts";

const SHT_GNU_VERDEF = 0x6ffffffd;
const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_GNU_VERSYM = 0x6fffffff;
const VER_FLG_BASE = 1;
const VER_FLG_WEAK = 2;
/** The bit of a version index that hides the symbol from unversioned lookups. */
const VERSYM_HIDDEN = 0x8000;

export function readVersionNeeds(elf: ElfFile): ElfFacts["versionNeeds"] {
  return [...versionNeeds(elf)].map(({ file, versions }) => ({
    file,
    versions: versions.map(({ section, offset, value, weak }) => ({ section, offset, value, weak })),
  }));
}

export function readVersionDefinitions(elf: ElfFile): ElfVersionDefinition[] {
  return [...versionDefinitions(elf)].map(({ facts }) => facts);
}

/** Names the version of the dynamic symbol of that index. */
export function symbolVersions(elf: ElfFile): ((index: number) => string | undefined) | undefined {
  const indices = indexTable(elf);
  if (indices === undefined) return undefined;
  const names = new Map<number, string>();
  for (const { index, facts } of versionDefinitions(elf)) if (!facts.base) names.set(index, facts.value);
  for (const { versions } of versionNeeds(elf))
    for (const { index, value } of versions) names.set(index, value);
  return (index) => names.get(indices.u16(index * 2, "symbol version") & ~VERSYM_HIDDEN);
}

interface VersionNeed {
  readonly file: string;
  readonly versions: readonly {
    readonly index: number;
    readonly section: string;
    readonly offset: number;
    readonly value: string;
    readonly weak: boolean;
  }[];
}

/** A table of versions, its number of entries, and the strings it names. */
interface VersionTable {
  readonly part: Cursor;
  readonly count: number;
  readonly names: Cursor;
}

function* versionNeeds(elf: ElfFile): Generator<VersionNeed, void, void> {
  const table = versionTable(
    elf,
    SHT_GNU_VERNEED,
    dynamicTag.versionNeeds,
    dynamicTag.versionNeedCount,
    "needed versions",
  );
  if (table === undefined) return;
  const { part, names } = table;
  let at = 0;
  for (let left = table.count; left > 0; left -= 1) {
    const need = part.slice(at, 16, "needed version");
    const versions = [];
    let entryAt = at + need.u32(8, "vn_aux");
    for (let entries = need.u16(2, "vn_cnt"); entries > 0; entries -= 1) {
      const entry = part.slice(entryAt, 16, "needed version entry");
      versions.push({
        index: entry.u16(6, "vna_other") & ~VERSYM_HIDDEN,
        section: ".gnu.version_r",
        offset: entry.base,
        value: names.string(entry.u32(8, "vna_name"), "version name"),
        weak: (entry.u16(4, "vna_flags") & VER_FLG_WEAK) !== 0,
      });
      entryAt += entry.u32(12, "vna_next");
    }
    yield { file: names.string(need.u32(4, "vn_file"), "library name"), versions };
    const next = need.u32(12, "vn_next");
    if (next === 0) return;
    at += next;
  }
}

interface NumberedDefinition {
  readonly index: number;
  readonly facts: ElfVersionDefinition;
}

function* versionDefinitions(elf: ElfFile): Generator<NumberedDefinition, void, void> {
  const table = versionTable(
    elf,
    SHT_GNU_VERDEF,
    dynamicTag.versionDefinitions,
    dynamicTag.versionDefinitionCount,
    "defined versions",
  );
  if (table === undefined) return;
  let at = 0;
  for (let left = table.count; left > 0; left -= 1) {
    const definition = table.part.slice(at, 20, "defined version");
    const [name, ...parents] = definitionNames(table, definition, at);
    yield {
      index: definition.u16(4, "vd_ndx") & ~VERSYM_HIDDEN,
      facts: {
        section: ".gnu.version_d",
        offset: definition.base,
        value: name ?? "",
        parents,
        base: (definition.u16(2, "vd_flags") & VER_FLG_BASE) !== 0,
      },
    };
    const next = definition.u32(16, "vd_next");
    if (next === 0) return;
    at += next;
  }
}

/** The version's own name, then those of the versions it continues. */
function definitionNames({ part, names }: VersionTable, definition: Cursor, start: number): string[] {
  const found: string[] = [];
  let at = start + definition.u32(12, "vd_aux");
  for (let left = definition.u16(6, "vd_cnt"); left > 0; left -= 1) {
    const entry = part.slice(at, 8, "defined version name");
    found.push(names.string(entry.u32(0, "vda_name"), "version name"));
    const next = entry.u32(4, "vda_next");
    if (next === 0) break;
    at += next;
  }
  return found;
}

/** By the section header where there is one; by the dynamic section in files whose section headers were taken off. */
function versionTable(
  elf: ElfFile,
  type: number,
  addressTag: number,
  countTag: number,
  what: string,
): VersionTable | undefined {
  const section = sectionOfType(elf, type);
  if (section !== undefined) {
    const strings = elf.sections[section.link];
    if (strings === undefined)
      throw elf.file.malformed(0, `${what}: there is no section ${section.link} of names`);
    return {
      part: sectionContent(elf, section, what),
      count: section.info,
      names: sectionContent(elf, strings, what),
    };
  }
  const address = dynamicValue(elf, addressTag);
  const names = stringTable(elf);
  if (address === undefined || names === undefined) return undefined;
  const count = Number(dynamicValue(elf, countTag) ?? 0n);
  return { part: atAddress(elf, address, undefined, what), count, names };
}

function indexTable(elf: ElfFile): Cursor | undefined {
  const section = sectionOfType(elf, SHT_GNU_VERSYM);
  if (section !== undefined) return sectionContent(elf, section, "symbol versions");
  const address = dynamicValue(elf, dynamicTag.versionSymbols);
  return address === undefined ? undefined : atAddress(elf, address, undefined, "symbol versions");
}
