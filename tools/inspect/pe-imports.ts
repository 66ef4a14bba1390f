// Reads the import and delay-import tables of a PE image.
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import type { PeImport } from "./pe-facts.ts";
import { atAddress, directory, directoryOf, type PeImage } from "./pe-image.ts";

export function readImports(image: PeImage): PeImport[] {
  return [...readBoundImports(image), ...readDelayedImports(image)];
}

function* readBoundImports(image: PeImage): Generator<PeImport, void, void> {
  const range = directoryOf(image, directory.imports);
  if (range === undefined) return;
  const table = atAddress(image, range.address, "import directory");
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

function* readDelayedImports(image: PeImage): Generator<PeImport, void, void> {
  const range = directoryOf(image, directory.delayImports);
  if (range === undefined) return;
  const table = atAddress(image, range.address, "delay-import directory");
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
