// Gates: segments can be mapped on systems with large pages.
import { objectsOfFormat, violation, type Gate } from "../gate.ts";

export const elfPageAlignment: Gate = {
  id: "elf-page-alignment",
  severity: "error",
  title: "a segment is not aligned to the largest page of the target's systems",
  explanation:
    "A system with pages of 16 KiB (Android) or 64 KiB (ARM servers) cannot map a segment that is aligned to 4 KiB, and refuses the library.",
  fix: "link with -Wl,-z,max-page-size=16384 (Android) or 65536 (Linux on aarch64)",
  *check({ facts, policy }) {
    const pageBytes = policy.elf?.pageBytes;
    if (pageBytes === undefined) return;
    for (const named of objectsOfFormat(facts, "elf")) {
      // One segment tells of the whole file: they come from one linker flag.
      const load = named.object.loads.find(({ align }) => align < BigInt(pageBytes));
      if (load !== undefined) yield violation(named, load, `0x${load.align.toString(16)}`);
    }
  },
};

/** Devices with Android 15 may have pages of 16 KiB. */
const largePage = 0x4000;

export const elfRelroEnd: Gate = {
  id: "elf-relro-end",
  severity: "warning",
  title: "the read-only part of the data does not end on a page of 16 KiB",
  explanation:
    "Android protects whole pages after relocation. When the part ends inside a large page, the loader either leaves it writable or protects data that the program writes, and that crashes.",
  fix: "link with -Wl,-z,common-page-size=16384 beside max-page-size",
  *check({ facts, policy }) {
    if (policy.elf?.libc !== "bionic" || (policy.elf.pageBytes ?? 0) < largePage) return;
    for (const named of objectsOfFormat(facts, "elf")) {
      const { relro } = named.object;
      if (relro === undefined) continue;
      const end = relro.address + relro.memoryBytes;
      if (end % BigInt(largePage) !== 0n) yield violation(named, relro, `0x${end.toString(16)}`);
    }
  },
};
