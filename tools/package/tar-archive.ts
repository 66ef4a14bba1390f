// Writes .tar.gz files whose bytes depend on the entries and one time stamp, and on nothing else.
import { gzipSync } from "fflate";
import { Header } from "tar";
import { checkEntries, sortEntries, type ArchiveEntry } from "./archive-entry.ts";

const blockBytes = 512;
/** Tapes were written in records of 20 blocks; tar programs still expect the padding. */
const recordBytes = 20 * blockBytes;
const gzipOsOffset = 9;
const gzipOsUnknown = 255;

/** `sourceDateEpoch` in seconds since 1970. */
export function tarGz(entries: readonly ArchiveEntry[], sourceDateEpoch: number): Uint8Array {
  return gzip(tar(entries, sourceDateEpoch));
}

function tar(entries: readonly ArchiveEntry[], sourceDateEpoch: number): Uint8Array {
  checkEntries(entries);
  const mtime = new Date(sourceDateEpoch * 1000);
  const blocks = sortEntries(entries).flatMap((entry) => [header(entry, mtime), padded(entry.bytes)]);
  const used = blocks.reduce((sum, block) => sum + block.length, 0);
  // The end of an archive is two empty blocks.
  const total = Math.ceil((used + 2 * blockBytes) / recordBytes) * recordBytes;
  return Buffer.concat(blocks, total);
}

function header(entry: ArchiveEntry, mtime: Date): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  const head = new Header({
    path: entry.path,
    type: "File",
    mode: entry.executable ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    uname: "",
    gname: "",
    size: entry.bytes.length,
    mtime,
  });
  const needsPax = head.encode(block, 0);
  if (needsPax) throw new RangeError(`tar header of ${entry.path} does not fit ustar`);
  return block;
}

function padded(bytes: Uint8Array): Uint8Array {
  const length = Math.ceil(bytes.length / blockBytes) * blockBytes;
  return Buffer.concat([bytes], length);
}

/** fflate is plain JavaScript: the same bytes on every host and every Node, unlike zlib. Level 9 saves 0.6 % for three times the time. */
function gzip(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes, { level: 6, mtime: 0 });
  packed[gzipOsOffset] = gzipOsUnknown;
  return packed;
}
