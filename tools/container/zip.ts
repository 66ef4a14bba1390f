// Reads zip archives by their central directory, and compares it with what stands before each member.
import type { ByteSource } from "./byte-source.ts";
import type { Limits } from "./limits.ts";
import { flaw, Unreadable, type Flaw, type Stored, type StoredEntry } from "./stored-entry.ts";
import { findDirectory, type ZipDirectory } from "./zip-directory.ts";
import { readHeaders, type ZipHeader } from "./zip-headers.ts";
import { compareLocalHeader, readZipMember } from "./zip-member.ts";

const unixHosts: readonly number[] = [3, 19];
const directoryAttribute = 0x10;
const fileTypes: Readonly<Record<number, StoredEntry["kind"]>> = {
  0o4: "directory",
  0o10: "file",
  0o12: "symlink",
  0o1: "device",
  0o2: "device",
  0o6: "device",
  0o14: "device",
};

/** The longest text that is taken for the target of a link. */
const longestTarget = 4096;

export async function* readZip(source: ByteSource, limits: Limits): AsyncGenerator<Stored, void, void> {
  const directory = await findDirectory(source, limits);
  // One more than may be, so that the walk sees that there are too many.
  const headers = readHeaders(directory, limits.members + 1);
  yield* surroundings(source, directory, headers);
  const overlapping = findOverlaps(headers, directory.offset);
  for (const header of headers) {
    if (overlapping.has(header)) {
      const { name, localOffset } = header;
      yield flaw("overlap", localOffset, "its content overlaps that of another member", name);
      continue;
    }
    const { flaws, dataOffset } = await compareLocalHeader(source, header);
    yield* flaws;
    if (dataOffset !== undefined) yield await storedEntry(source, header, dataOffset, limits);
  }
}

/** Bytes before the first member and behind the end: other programs may see another archive there. */
function* surroundings(
  source: ByteSource,
  directory: ZipDirectory,
  headers: readonly ZipHeader[],
): Generator<Flaw, void, void> {
  const first = headers.reduce((least, { localOffset }) => Math.min(least, localOffset), directory.offset);
  if (first > 0) yield flaw("prefix", 0, `${first} bytes stand before the archive`);
  const after = source.length - directory.end;
  if (after > 0) yield flaw("trailing", directory.end, `${after} bytes stand behind the archive`);
}

/**
 * Members whose bytes are also those of another member or of the directory. Each would be honest alone; together they
 * unpack to far more than the archive's size.
 */
function findOverlaps(headers: readonly ZipHeader[], directoryOffset: number): ReadonlySet<ZipHeader> {
  const overlapping = new Set<ZipHeader>();
  const ordered = [...headers].sort((left, right) => left.localOffset - right.localOffset);
  let furthest: ZipHeader | undefined;
  for (const header of ordered) {
    if (furthest !== undefined && header.localOffset < leastEnd(furthest)) {
      overlapping.add(header);
      overlapping.add(furthest);
    }
    if (leastEnd(header) > directoryOffset) overlapping.add(header);
    if (furthest === undefined || leastEnd(header) > leastEnd(furthest)) furthest = header;
  }
  return overlapping;
}

/** Header, name and content; extra fields may differ from those in the directory. */
function leastEnd({ localOffset, nameBytes, compressedBytes }: ZipHeader): number {
  return localOffset + 30 + nameBytes + compressedBytes;
}

async function storedEntry(
  source: ByteSource,
  header: ZipHeader,
  dataOffset: number,
  limits: Limits,
): Promise<Stored> {
  try {
    return await entryOf(source, header, dataOffset, limits);
  } catch (error) {
    // The target of a link is content, too.
    if (!(error instanceof Unreadable)) throw error;
    return flaw(error.code, error.offset, error.message, header.name);
  }
}

async function entryOf(
  source: ByteSource,
  header: ZipHeader,
  dataOffset: number,
  limits: Limits,
): Promise<StoredEntry> {
  const kind = kindOf(header);
  const read = (): Promise<Uint8Array> => readZipMember(source, header, dataOffset, limits);
  const isLink = kind === "symlink" && header.bytes <= longestTarget;
  return {
    type: "entry",
    name: header.name,
    kind,
    bytes: header.bytes,
    offset: header.localOffset,
    mode: unixHosts.includes(header.host) ? (header.attributes >>> 16) & 0o7777 : undefined,
    modified: header.modified,
    owner: undefined,
    group: undefined,
    linkTarget: isLink ? Buffer.from(await read()).toString("utf8") : undefined,
    stored: { method: header.method, compressedBytes: header.compressedBytes, dataOffset },
    read,
  };
}

function kindOf({ name, host, attributes }: ZipHeader): StoredEntry["kind"] {
  if (name.endsWith("/")) return "directory";
  const type = unixHosts.includes(host) ? fileTypes[attributes >>> 28] : undefined;
  if (type !== undefined) return type;
  return (attributes & directoryAttribute) === 0 ? "file" : "directory";
}
