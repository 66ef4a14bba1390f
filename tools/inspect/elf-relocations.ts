// Counts the relocations of an ELF file: through the dynamic section where there is one, as the loader does.
import { dynamicTag as tag } from "./elf-dynamic.ts";
import type { ElfRelocationFacts, RelocationCount } from "./elf-facts.ts";
import { atAddress, dynamicValue, type ElfFile } from "./elf-file.ts";
import type { Cursor } from "./cursor.ts";

const SHT_RELA = 4;
const SHT_REL = 9;
const PF_W = 2;
const EM_MIPS = 8;

/** Numbers of the relocations for thread-local variables at a fixed distance from the thread pointer. */
const staticTlsTypes: Readonly<Record<number, readonly number[]>> = {
  3: [14, 37], // R_386_TLS_TPOFF, R_386_TLS_TPOFF32
  8: [47, 48], // R_MIPS_TLS_TPREL32, R_MIPS_TLS_TPREL64
  21: [73], // R_PPC64_TPREL64
  22: [56], // R_390_TLS_TPOFF
  40: [19], // R_ARM_TLS_TPOFF32
  62: [18, 23], // R_X86_64_TPOFF64, R_X86_64_TPOFF32
  183: [1030], // R_AARCH64_TLS_TPREL
  243: [10, 11], // R_RISCV_TLS_TPREL32, R_RISCV_TLS_TPREL64
  258: [10, 11], // R_LARCH_TLS_TPREL32, R_LARCH_TLS_TPREL64
};

export function readRelocations(elf: ElfFile): ElfRelocationFacts {
  return elf.dynamic === undefined ? relocationsOfObject(elf) : relocationsOfLinked(elf);
}

/** Objects for the linker: only how many there are, because each archive member has thousands. */
function relocationsOfObject(elf: ElfFile): ElfRelocationFacts {
  let total = 0;
  for (const { facts } of elf.sections)
    if (facts.type === SHT_RELA || facts.type === SHT_REL)
      total += Number(facts.bytes / BigInt(entryBytes(elf, facts.type === SHT_RELA)));
  return {
    total,
    byType: [],
    staticTls: undefined,
    inReadOnly: undefined,
    packedWords: undefined,
    androidBytes: undefined,
  };
}

function relocationsOfLinked(elf: ElfFile): ElfRelocationFacts {
  const types = new Map<number, number>();
  const staticTls = new Counter();
  const inReadOnly = new Counter();
  const readOnly = elf.loads.filter(({ flags }) => (flags & PF_W) === 0);
  const tlsTypes = staticTlsTypes[elf.machine] ?? [];
  let total = 0;
  for (const table of tablesOf(elf)) {
    for (const entry of table.entries) {
      const type = typeOf(elf, entry);
      total += 1;
      types.set(type, (types.get(type) ?? 0) + 1);
      if (tlsTypes.includes(type)) staticTls.add(table.section, entry.base);
      const address = entry.word(0, elf.bits, "relocation offset");
      entry.spend(readOnly.length, 0, "relocation offset");
      const inside = readOnly.some(
        (load) => address >= load.address && address < load.address + load.memoryBytes,
      );
      if (inside) inReadOnly.add(table.section, entry.base);
    }
  }
  return {
    total,
    byType: [...types].map(([type, count]) => ({ type, count })).sort((a, b) => a.type - b.type),
    staticTls: staticTls.facts(),
    inReadOnly: inReadOnly.facts(),
    packedWords:
      packed(elf, tag.relr, tag.relrBytes, "DT_RELR", elf.bits / 8) ??
      packed(elf, tag.androidRelr, tag.androidRelrBytes, "DT_ANDROID_RELR", elf.bits / 8),
    androidBytes:
      packed(elf, tag.androidRel, tag.androidRelBytes, "DT_ANDROID_REL", 1) ??
      packed(elf, tag.androidRela, tag.androidRelaBytes, "DT_ANDROID_RELA", 1),
  };
}

class Counter {
  private count = 0;
  private first: RelocationCount["first"] | undefined;

  add(section: string, offset: number): void {
    this.count += 1;
    this.first ??= { section, offset };
  }

  facts(): RelocationCount | undefined {
    return this.first === undefined ? undefined : { count: this.count, first: this.first };
  }
}

interface Table {
  readonly section: string;
  readonly entries: Iterable<Cursor>;
}

function* tablesOf(elf: ElfFile): Generator<Table, void, void> {
  const jumpsWithAddend = dynamicValue(elf, tag.jumpKind) !== BigInt(tag.rel);
  yield* table(elf, tag.rela, tag.relaBytes, "DT_RELA", true);
  yield* table(elf, tag.rel, tag.relBytes, "DT_REL", false);
  yield* table(elf, tag.jumps, tag.jumpBytes, "DT_JMPREL", jumpsWithAddend);
}

function* table(
  elf: ElfFile,
  addressTag: number,
  bytesTag: number,
  section: string,
  addend: boolean,
): Generator<Table, void, void> {
  const address = dynamicValue(elf, addressTag);
  const bytes = dynamicValue(elf, bytesTag);
  if (address === undefined || bytes === undefined || bytes === 0n) return;
  const size = entryBytes(elf, addend);
  const content = atAddress(elf, address, bytes, `relocations of ${section}`);
  const entries = content.records(0, Math.floor(content.length / size), size, `relocations of ${section}`);
  yield { section: `${section} relocations`, entries };
}

function entryBytes({ bits }: ElfFile, addend: boolean): number {
  return (bits / 8) * (addend ? 3 : 2);
}

function typeOf({ bits, machine }: ElfFile, entry: Cursor): number {
  if (bits === 32) return entry.u32(4, "relocation type") & 0xff;
  // MIPS packs three types into the second word; the first to be applied is its last byte in either order.
  if (machine === EM_MIPS) return entry.u8(15, "relocation type");
  return Number(entry.u64(8, "relocation type") & 0xffffffffn);
}

function packed(
  elf: ElfFile,
  addressTag: number,
  bytesTag: number,
  section: string,
  unit: number,
): RelocationCount | undefined {
  const address = dynamicValue(elf, addressTag);
  const bytes = dynamicValue(elf, bytesTag);
  if (address === undefined || bytes === undefined) return undefined;
  const content = atAddress(elf, address, bytes, `relocations of ${section}`);
  return {
    count: Math.floor(content.length / unit),
    first: { section: `${section} relocations`, offset: content.base },
  };
}
