// Reads the export table of a PE image: names, numbers, and what is only forwarded to another library.
import type { Cursor } from "./cursor.ts";
import type { PeExport, PeFacts } from "./pe-facts.ts";
import { atAddress, directory, directoryOf, type PeDirectory, type PeImage } from "./pe-image.ts";

const section = "export table";
/** Work for the name that is made for an export without one: its entry has four bytes. */
const perUnnamed = 32;

export function readExports(image: PeImage): Pick<PeFacts, "exportName" | "exports"> {
  const range = directoryOf(image, directory.exports);
  if (range === undefined) return { exportName: undefined, exports: [] };
  const table = atAddress(image, range.address, "export directory");
  const functions = readFunctions(image, table);
  const named = readNames(image, table, range, functions);
  const name = atAddress(image, table.u32(12, "DLL name"), "DLL name");
  return {
    exportName: { section: "export directory Name", offset: name.base, value: name.string(0, "DLL name") },
    exports: [...numberOnly(image, range, functions, named), ...named.values()],
  };
}

interface ExportedFunctions {
  readonly firstOrdinal: number;
  /** Entries of the table of addresses, by index. */
  readonly entries: readonly { readonly address: number; readonly offset: number }[];
}

function readFunctions(image: PeImage, table: Cursor): ExportedFunctions {
  const firstOrdinal = table.u32(16, "first export number");
  const count = table.u32(20, "number of exported functions");
  if (count === 0) return { firstOrdinal, entries: [] };
  const what = "table of exported functions";
  const addresses = atAddress(image, table.u32(28, what), what);
  const entries = [...addresses.records(0, count, 4, what)].map((entry) => ({
    address: entry.u32(0, "exported function"),
    offset: entry.base,
  }));
  return { firstOrdinal, entries };
}

/** Exports with a name, by the index of their function; two names may share one. */
function readNames(
  image: PeImage,
  table: Cursor,
  range: PeDirectory,
  functions: ExportedFunctions,
): Map<number | string, PeExport> {
  const count = table.u32(24, "number of exported names");
  const named = new Map<number | string, PeExport>();
  if (count === 0) return named;
  const names = atAddress(image, table.u32(32, "table of export names"), "table of export names");
  const indices = atAddress(image, table.u32(36, "table of export indices"), "table of export indices");
  let at = 0;
  for (const pointer of names.records(0, count, 4, "table of export names")) {
    const index = indices.u16(at * 2, "export index");
    const text = atAddress(image, pointer.u32(0, "export name"), "export name");
    const value = text.string(0, "export name");
    const key = named.has(index) ? `${index} ${at}` : index;
    named.set(key, {
      section,
      offset: text.base,
      value,
      ...target(image, range, functions, index, indices, at),
    });
    at += 1;
  }
  return named;
}

function target(
  image: PeImage,
  range: PeDirectory,
  functions: ExportedFunctions,
  index: number,
  indices: Cursor,
  at: number,
): Pick<PeExport, "ordinal" | "address" | "forwarder"> {
  const entry = functions.entries[index];
  if (entry === undefined) throw indices.malformed(at * 2, `export index: there is no function ${index}`);
  const ordinal = functions.firstOrdinal + index;
  return { ordinal, address: entry.address, ...forwarderOf(image, range, entry.address) };
}

/** An address inside the export directory is that of a text such as "OTHER.function". */
function forwarderOf(image: PeImage, range: PeDirectory, address: number): { forwarder?: string } {
  if (address < range.address || address >= range.address + range.bytes) return {};
  return { forwarder: atAddress(image, address, "export forwarder").string(0, "export forwarder") };
}

/** Functions that are exported by number only, written "#12". */
function numberOnly(
  image: PeImage,
  range: PeDirectory,
  { firstOrdinal, entries }: ExportedFunctions,
  named: ReadonlyMap<number | string, PeExport>,
): PeExport[] {
  return entries.flatMap(({ address, offset }, index) => {
    if (address === 0 || named.has(index)) return [];
    image.file.spend(perUnnamed, 0, "exported function");
    const ordinal = firstOrdinal + index;
    const forwarder = forwarderOf(image, range, address);
    return [{ section, offset, value: `#${ordinal}`, ordinal, address, ...forwarder }];
  });
}
