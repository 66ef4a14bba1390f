// Reads what the Windows loader does with a PE image: thread-local storage, load configuration, relocation, unwinding.
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import type { PeFacts, PeLoadConfig, PeTls } from "./pe-facts.ts";
import { atAddress, directory, directoryOf, findAddress, relativeAddress, type PeImage } from "./pe-image.ts";

export function readTls(image: PeImage): PeTls | undefined {
  const range = directoryOf(image, directory.tls);
  if (range === undefined) return undefined;
  const table = atAddress(image, range.address, "TLS directory");
  const word = image.bits / 8;
  const start = table.word(0, image.bits, "TLS template");
  const end = table.word(word, image.bits, "TLS template");
  const callbacks = table.word(word * 3, image.bits, "TLS callbacks");
  return {
    section: "TLS directory",
    offset: table.base,
    templateBytes: Number(end - start) + table.u32(word * 4, "TLS zero fill"),
    callbacks: callbacks === 0n ? [] : readCallbacks(image, relativeAddress(image, callbacks)),
  };
}

function readCallbacks(image: PeImage, address: number): Located<number>[] {
  const callbacks: Located<number>[] = [];
  // A list that is only zeros has no bytes in the file.
  const list = findAddress(image, address, "TLS callbacks");
  if (list === undefined) return callbacks;
  for (let at = 0; ; at += image.bits / 8) {
    const pointer = list.word(at, image.bits, "TLS callback");
    if (pointer === 0n) return callbacks;
    const value = relativeAddress(image, pointer);
    callbacks.push({ section: "TLS callbacks", offset: list.base + at, value });
  }
}

/** Offsets of the fields, which differ by the width of pointers. */
const loadConfigFields = {
  32: {
    dependentLoadFlags: 54,
    securityCookie: 60,
    handlerTable: 64,
    handlerCount: 68,
    guardCount: 84,
    guardFlags: 88,
  },
  64: {
    dependentLoadFlags: 78,
    securityCookie: 88,
    handlerTable: 96,
    handlerCount: 104,
    guardCount: 136,
    guardFlags: 144,
  },
} as const;

const IMAGE_FILE_MACHINE_I386 = 0x14c;

/** The structure grew over the years; its first field says how much of it there is. */
export function readLoadConfig(image: PeImage, machine: number): PeLoadConfig | undefined {
  const range = directoryOf(image, directory.loadConfig);
  if (range === undefined) return undefined;
  const start = atAddress(image, range.address, "load configuration");
  const bytes = start.u32(0, "size of load configuration");
  const table = start.slice(0, bytes, "load configuration");
  const fields = loadConfigFields[image.bits];
  const { bits } = image;
  const field = <T>(name: string, at: number, width: number, read: () => T): Located<T> | undefined =>
    at + width > bytes
      ? undefined
      : { section: `load configuration ${name}`, offset: table.base + at, value: read() };
  const pointer = (name: string, at: number): Located<bigint> | undefined =>
    field(name, at, bits / 8, () => table.word(at, bits, name));
  const handlers = pointer("SEHandlerTable", fields.handlerTable);
  const handlerCount = pointer("SEHandlerCount", fields.handlerCount);
  const registered = machine === IMAGE_FILE_MACHINE_I386 && handlers !== undefined && handlers.value !== 0n;
  const guardCount = pointer("GuardCFFunctionCount", fields.guardCount);
  return {
    section: "load configuration",
    offset: table.base,
    bytes,
    guardFlags: field("GuardFlags", fields.guardFlags, 4, () => table.u32(fields.guardFlags, "GuardFlags")),
    guardFunctions: guardCount === undefined ? undefined : Number(guardCount.value),
    securityCookie: pointer("SecurityCookie", fields.securityCookie),
    safeSehHandlers:
      registered && handlerCount !== undefined
        ? { ...handlerCount, value: Number(handlerCount.value) }
        : undefined,
    dependentLoadFlags: field("DependentLoadFlags", fields.dependentLoadFlags, 2, () =>
      table.u16(fields.dependentLoadFlags, "DependentLoadFlags"),
    ),
  };
}

/** Blocks of one page each: address, size with this header, then entries of two bytes; type 0 only pads. */
export function readBaseRelocations(image: PeImage): Located<number> | undefined {
  const range = directoryOf(image, directory.relocations);
  if (range === undefined) return undefined;
  const table = atAddress(image, range.address, "base relocations").slice(0, range.bytes, "base relocations");
  let count = 0;
  for (let at = 0; at + 8 <= table.length;) {
    const bytes = table.u32(at + 4, "size of relocation block");
    if (bytes < 8) {
      if (bytes === 0) break;
      throw table.malformed(at + 4, `relocation block of ${bytes} bytes is less than its own header`);
    }
    count += countBlock(table.slice(at, bytes, "relocation block"));
    at += bytes;
  }
  return { section: "base relocations", offset: table.base, value: count };
}

function countBlock(block: Cursor): number {
  let count = 0;
  for (let at = 8; at + 2 <= block.length; at += 2)
    if (block.u16(at, "base relocation") >>> 12 !== 0) count += 1;
  return count;
}

export function readUnwindEntries(image: PeImage, machine: number): PeFacts["unwindEntries"] {
  const range = directoryOf(image, directory.exceptions);
  if (machine === IMAGE_FILE_MACHINE_I386 || range === undefined) return undefined;
  const amd64 = machine === 0x8664;
  return Math.floor(range.bytes / (amd64 ? 12 : 8));
}
