// Writes .zip files whose bytes depend on the entries and one time stamp, and on nothing else.
import { zipSync, type Zippable } from "fflate";
import { checkEntries, sortEntries, type ArchiveEntry } from "./archive-entry.ts";

const unix = 3;
const regularFile = 0o100000;

/** `sourceDateEpoch` in seconds since 1970; the entries carry noon of that day (UTC). */
export function zip(entries: readonly ArchiveEntry[], sourceDateEpoch: number): Uint8Array {
  checkEntries(entries);
  const mtime = noonOf(sourceDateEpoch);
  const files: Zippable = {};
  for (const entry of sortEntries(entries)) {
    const mode = regularFile | (entry.executable ? 0o755 : 0o644);
    // Shifting in 32 bits would make the attributes negative.
    files[entry.path] = [entry.bytes, { level: 6, mtime, os: unix, attrs: mode * 0x10000 }];
  }
  return zipSync(files);
}

/**
 * A zip stores local time and fflate reads it with the local getters of Date. The same year, month, day and hour in
 * every zone gives the same bytes, and noon is an hour that no change to or from summer time skips.
 */
function noonOf(sourceDateEpoch: number): Date {
  const day = new Date(sourceDateEpoch * 1000);
  return new Date(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), 12, 0, 0);
}
