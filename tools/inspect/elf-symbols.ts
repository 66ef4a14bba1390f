// Reads ELF symbol tables and the version sections that go with dynamic symbols.
import type { Cursor } from "./cursor.ts";
import type { ElfFile, ElfSection } from "./elf-file.ts";
import type { ElfFacts, Symbol } from "./facts.ts";

const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SHT_GNU_VERDEF = 0x6ffffffd;
const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_GNU_VERSYM = 0x6fffffff;
const VER_FLG_WEAK = 2;
/** The bit of a version index that hides the symbol from unversioned lookups. */
const VERSYM_HIDDEN = 0x8000;

/** Dynamic symbols if there is such a table, else the full table. Local symbols are left out. */
export function readSymbols(elf: ElfFile): Pick<ElfFacts, "symbols" | "symbolTable"> {
  const dynamic = sectionOf(elf, SHT_DYNSYM);
  const table = dynamic ?? sectionOf(elf, SHT_SYMTAB);
  if (table === undefined)
    return { symbols: [], symbolTable: { section: "ELF header", offset: elf.file.base } };
  const versions = dynamic === undefined ? undefined : versionReader(elf);
  const names = linkedStrings(elf, table, "symbol names");
  const size = elf.bits === 64 ? 24 : 16;
  const symbols: Symbol[] = [];
  let index = 0;
  for (const entry of elf.file.records(table.offset, table.size / BigInt(size), size, "symbol table")) {
    const symbol = readSymbol(elf, entry, names);
    const version = symbol === undefined ? undefined : versions?.(index);
    if (symbol !== undefined) symbols.push(version === undefined ? symbol : { ...symbol, version });
    index += 1;
  }
  return {
    symbols,
    symbolTable: { section: table.name, offset: elf.file.base + Number(table.offset) },
  };
}

export function readVersionNeeds(elf: ElfFile): ElfFacts["versionNeeds"] {
  return [...versionNeeds(elf)].map(({ file, versions }) => ({
    file,
    versions: versions.map(({ section, offset, value, weak }) => ({ section, offset, value, weak })),
  }));
}

function readSymbol(elf: ElfFile, entry: Cursor, names: Cursor): Symbol | undefined {
  const wide = elf.bits === 64;
  const info = entry.u8(wide ? 4 : 12, "symbol info");
  const binding = info >> 4;
  const kind = info & 15;
  // Kinds 3 and 4 are the names of sections and source files.
  if (binding === 0 || kind === 3 || kind === 4) return undefined;
  const visibility = entry.u8(wide ? 5 : 13, "symbol visibility") & 3;
  const section = entry.u16(wide ? 6 : 14, "symbol section");
  return {
    name: names.string(entry.u32(0, "symbol name"), "symbol name"),
    defined: section !== 0,
    binding: binding === 2 ? "weak" : "global",
    visible: visibility === 0 || visibility === 3,
    offset: entry.base,
  };
}

/** Names the version of the dynamic symbol of that index. */
function versionReader(elf: ElfFile): ((index: number) => string | undefined) | undefined {
  const table = sectionOf(elf, SHT_GNU_VERSYM);
  if (table === undefined) return undefined;
  const indices = elf.file.slice(table.offset, table.size, "symbol versions");
  const names = new Map<number, string>(versionDefinitions(elf));
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

function* versionNeeds(elf: ElfFile): Generator<VersionNeed, void, void> {
  const section = sectionOf(elf, SHT_GNU_VERNEED);
  if (section === undefined) return;
  const names = linkedStrings(elf, section, "version names");
  const part = elf.file.slice(section.offset, section.size, "needed versions");
  let at = 0;
  for (let left = section.info; left > 0; left -= 1) {
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

function* versionDefinitions(elf: ElfFile): Generator<[number, string], void, void> {
  const section = sectionOf(elf, SHT_GNU_VERDEF);
  if (section === undefined) return;
  const names = linkedStrings(elf, section, "version names");
  const part = elf.file.slice(section.offset, section.size, "defined versions");
  let at = 0;
  for (let left = section.info; left > 0; left -= 1) {
    const definition = part.slice(at, 20, "defined version");
    const name = part.slice(at + definition.u32(12, "vd_aux"), 8, "defined version name");
    yield [definition.u16(4, "vd_ndx"), names.string(name.u32(0, "vda_name"), "version name")];
    const next = definition.u32(16, "vd_next");
    if (next === 0) return;
    at += next;
  }
}

function sectionOf(elf: ElfFile, type: number): ElfSection | undefined {
  return elf.sections.find((section) => section.type === type);
}

function linkedStrings(elf: ElfFile, section: ElfSection, what: string): Cursor {
  const strings = elf.sections[section.link];
  if (strings === undefined) throw elf.file.malformed(0, `${what}: there is no section ${section.link}`);
  return elf.file.slice(strings.offset, strings.size, what);
}
