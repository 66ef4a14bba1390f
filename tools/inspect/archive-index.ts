// Reads the symbol index of an `ar` archive: which member the linker takes for which name.
import type { ArchiveFacts, ArchiveIndexEntry } from "./archive-facts.ts";
import type { Cursor } from "./cursor.ts";

/** Names of members by the offset of their header. */
type Members = ReadonlyMap<number, string>;

export function readIndex(
  name: string,
  content: Cursor,
  members: Members,
): Pick<ArchiveFacts, "index" | "indexEntries" | "indexTable"> {
  const bsd = name.startsWith("__.SYMDEF");
  const bits = name === "/SYM64/" || name.includes("_64") ? 64 : 32;
  const indexEntries = bsd ? readBsdIndex(content, bits, members) : readGnuIndex(content, bits, members);
  return {
    index: indexEntries.map(({ value }) => value),
    indexEntries,
    indexTable: { section: "archive index", offset: content.base, bits },
  };
}

/** Count and member offsets, big endian; then that many names, each ended by a zero byte. */
function readGnuIndex(content: Cursor, bits: 32 | 64, members: Members): ArchiveIndexEntry[] {
  const big = content.ordered(false);
  const word = bits / 8;
  const offsets = [...big.records(word, big.word(0, bits, "archive index"), word, "archive index")];
  const entries: ArchiveIndexEntry[] = [];
  let at = word * (offsets.length + 1);
  for (const offset of offsets) {
    const end = content.bytes.indexOf(0, at);
    if (end < 0) throw content.malformed(at, "archive index has fewer names than entries");
    const value = content.paddedString(at, end - at, "archive index");
    entries.push(entryOf(value, offset.base, offset.word(0, bits, "archive index"), members));
    at = end + 1;
  }
  return entries;
}

/** Byte length of pairs (name offset, member offset), the pairs, byte length of names, names. */
function readBsdIndex(content: Cursor, bits: 32 | 64, members: Members): ArchiveIndexEntry[] {
  const word = bits / 8;
  const pairBytes = content.word(0, bits, "archive index");
  const names = content.from(pairBytes + BigInt(word * 2), "archive index names");
  const count = pairBytes / BigInt(word * 2);
  return [...content.records(word, count, word * 2, "archive index")].map((pair) => {
    const value = names.string(pair.word(0, bits, "archive index entry"), "archive index name");
    return entryOf(value, pair.base, pair.word(word, bits, "archive index entry"), members);
  });
}

function entryOf(value: string, offset: number, header: bigint, members: Members): ArchiveIndexEntry {
  const headerOffset = Number(header);
  return { section: "archive index", offset, value, headerOffset, member: members.get(headerOffset) };
}
