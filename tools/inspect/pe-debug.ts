// Reads the debug directory of a PE image: what ties it to its PDB, and the mark of a reproducible time stamp.
import type { Cursor } from "./cursor.ts";
import type { PeDebugEntry, PeFacts } from "./pe-facts.ts";
import { atAddress, directory, directoryOf, type PeImage } from "./pe-image.ts";

const entryBytes = 28;
const codeView = 2;
const repro = 16;
/** "RSDS": the CodeView record of a PDB 7 file; GUID and age precede its path. */
const pdb70 = 0x53445352;

export function readDebug(
  image: PeImage,
): Pick<PeFacts, "debug" | "debugPath" | "debugId" | "timestampIsHash"> {
  const range = directoryOf(image, directory.debug);
  const debug: PeDebugEntry[] = [];
  let pdb: Pick<PeFacts, "debugPath" | "debugId"> = { debugPath: undefined, debugId: undefined };
  if (range !== undefined) {
    const table = atAddress(image, range.address, "debug directory");
    const count = Math.floor(range.bytes / entryBytes);
    for (const entry of table.records(0, count, entryBytes, "debug directory")) {
      const type = entry.u32(12, "debug entry type");
      const bytes = entry.u32(16, "debug entry size");
      debug.push({ section: "debug directory", offset: entry.base, type, bytes });
      if (type === codeView) pdb = readPdb(image, entry.u32(24, "debug entry offset"), bytes);
    }
  }
  return { debug, ...pdb, timestampIsHash: debug.some(({ type }) => type === repro) };
}

function readPdb(image: PeImage, offset: number, bytes: number): Pick<PeFacts, "debugPath" | "debugId"> {
  const record = image.file.slice(offset, bytes, "CodeView record");
  if (bytes <= 24 || record.u32(0, "CodeView record") !== pdb70)
    return { debugPath: undefined, debugId: undefined };
  const section = "debug directory CodeView";
  return {
    debugPath: { section, offset: record.base + 24, value: record.string(24, "path of the PDB") },
    debugId: {
      section,
      offset: record.base + 4,
      value: {
        guid: guidText(record.slice(4, 16, "GUID of the PDB")),
        age: record.u32(20, "age of the PDB"),
      },
    },
  };
}

/** The first three fields are little endian numbers, the rest are bytes. */
function guidText(guid: Cursor): string {
  const what = "GUID of the PDB";
  const digits = (value: number, length: number): string => value.toString(16).padStart(length, "0");
  const rest = Buffer.from(guid.from(8, what).bytes).toString("hex");
  const numbers = [digits(guid.u32(0, what), 8), digits(guid.u16(4, what), 4), digits(guid.u16(6, what), 4)];
  return [...numbers, rest.slice(0, 4), rest.slice(4)].join("-").toUpperCase();
}
