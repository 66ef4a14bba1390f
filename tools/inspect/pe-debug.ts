// Reads the debug directory of a PE image: the path of its PDB and the mark of a reproducible time stamp.
import type { Located } from "./facts.ts";
import { atAddress, directoryOf, type PeImage } from "./pe-image.ts";

const debugDirectory = 6;
const entryBytes = 28;
const codeView = 2;
const repro = 16;
/** "RSDS": the CodeView record of a PDB 7 file; GUID and age precede its path. */
const pdb70 = 0x53445352;

export interface PeDebug {
  readonly reproducible: boolean;
  readonly path: Located<string> | undefined;
}

export function readDebugDirectory(image: PeImage): PeDebug {
  const directory = directoryOf(image, debugDirectory);
  let reproducible = false;
  let path: Located<string> | undefined;
  if (directory !== undefined) {
    const table = atAddress(image, directory.address, "debug directory");
    const count = Math.floor(directory.bytes / entryBytes);
    for (const entry of table.records(0, count, entryBytes, "debug directory")) {
      const type = entry.u32(12, "debug entry type");
      if (type === repro) reproducible = true;
      if (type === codeView)
        path = pdbPath(image, entry.u32(24, "debug entry offset"), entry.u32(16, "debug entry size"));
    }
  }
  return { reproducible, path };
}

function pdbPath(image: PeImage, offset: number, bytes: number): Located<string> | undefined {
  const record = image.file.slice(offset, bytes, "CodeView record");
  if (bytes <= 24 || record.u32(0, "CodeView record") !== pdb70) return undefined;
  const value = record.string(24, "path of the PDB");
  return { section: "debug directory CodeView", offset: record.base + 24, value };
}
