// Reads the export, import and delay-import tables of a PE image.
import type { Cursor } from "./cursor.ts";
import type { Located, PeFacts } from "./facts.ts";
import { atAddress, directoryOf, type PeImage } from "./pe-image.ts";

const exportDirectory = 0;
const importDirectory = 1;
const delayImportDirectory = 13;

export function readExports(image: PeImage): Pick<PeFacts, "exportName" | "exports"> {
  const directory = directoryOf(image, exportDirectory);
  if (directory === undefined) return { exportName: undefined, exports: [] };
  const table = atAddress(image, directory.address, "export directory");
  const count = table.u32(24, "number of exported names");
  const exports: Located<string>[] = unnamedExports(image, table, count);
  if (count > 0) {
    const pointers = atAddress(image, table.u32(32, "table of export names"), "table of export names");
    for (const pointer of pointers.records(0, count, 4, "table of export names"))
      exports.push(nameAt(image, pointer.u32(0, "export name"), "export table", "export name"));
  }
  const exportName = nameAt(image, table.u32(12, "DLL name"), "export directory Name", "DLL name");
  return { exportName, exports };
}

/** Functions that are exported by number only, written "#12". */
function unnamedExports(image: PeImage, table: Cursor, nameCount: number): Located<string>[] {
  const named = new Set<number>();
  if (nameCount > 0) {
    const indices = atAddress(image, table.u32(36, "table of export indices"), "table of export indices");
    for (const index of indices.records(0, nameCount, 2, "table of export indices"))
      named.add(index.u16(0, "export index"));
  }
  const functionCount = table.u32(20, "number of exported functions");
  if (functionCount === 0) return [];
  const functions = atAddress(image, table.u32(28, "table of functions"), "table of exported functions");
  const first = table.u32(16, "first export number");
  const unnamed: Located<string>[] = [];
  let index = 0;
  for (const entry of functions.records(0, functionCount, 4, "table of exported functions")) {
    if (!named.has(index) && entry.u32(0, "exported function") !== 0)
      unnamed.push({ section: "export table", offset: entry.base, value: `#${first + index}` });
    index += 1;
  }
  return unnamed;
}

export function readImports(image: PeImage): PeFacts["imports"] {
  return [...readBoundImports(image), ...readDelayedImports(image)];
}

type Import = PeFacts["imports"][number];

function* readBoundImports(image: PeImage): Generator<Import, void, void> {
  const directory = directoryOf(image, importDirectory);
  if (directory === undefined) return;
  const table = atAddress(image, directory.address, "import directory");
  for (let at = 0; ; at += 20) {
    const entry = table.slice(at, 20, "import directory entry");
    const nameAddress = entry.u32(12, "name of imported library");
    if (nameAddress === 0) return;
    const lookup = entry.u32(0, "import lookup table");
    // Old linkers leave the lookup table out; the address table holds the same until it is bound.
    const thunks = lookup === 0 ? entry.u32(16, "import address table") : lookup;
    yield {
      library: nameAt(image, nameAddress, "import directory", "name of imported library"),
      names: readThunks(image, thunks, 0n),
      delayed: false,
    };
  }
}

function* readDelayedImports(image: PeImage): Generator<Import, void, void> {
  const directory = directoryOf(image, delayImportDirectory);
  if (directory === undefined) return;
  const table = atAddress(image, directory.address, "delay-import directory");
  for (let at = 0; ; at += 32) {
    const entry = table.slice(at, 32, "delay-import entry");
    const attributes = entry.u32(0, "delay-import attributes");
    const nameAddress = entry.u32(4, "name of delay-imported library");
    if (nameAddress === 0) return;
    // Without bit 0 the fields are virtual addresses, as Visual C++ 6 wrote them.
    const bias = (attributes & 1) === 1 ? 0n : image.imageBase;
    yield {
      library: nameAt(
        image,
        nameAddress - Number(bias),
        "delay-import directory",
        "name of imported library",
      ),
      names: readThunks(image, entry.u32(16, "delay-import names") - Number(bias), bias),
      delayed: true,
    };
  }
}

/** Imported names; an import by number is written "#12". */
function readThunks(image: PeImage, address: number, bias: bigint): string[] {
  const thunks = atAddress(image, address, "import lookup table");
  const byNumber = image.bits === 64 ? 1n << 63n : 1n << 31n;
  const names: string[] = [];
  for (let at = 0; ; at += image.bits / 8) {
    const thunk = thunks.word(at, image.bits, "import lookup entry");
    if (thunk === 0n) return names;
    names.push(
      (thunk & byNumber) === 0n
        ? hintedName(atAddress(image, Number(thunk - bias), "imported name"))
        : `#${thunk & 0xffffn}`,
    );
  }
}

/** A two-byte hint stands before the name. */
function hintedName(entry: Cursor): string {
  return entry.string(2, "imported name");
}

function nameAt(image: PeImage, address: number, section: string, what: string): Located<string> {
  const text = atAddress(image, address, what);
  return { section, offset: text.base, value: text.string(0, what) };
}
