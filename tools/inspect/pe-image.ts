// A PE image in memory: its sections and data directories, and how relative virtual addresses are followed.
import type { Cursor } from "./cursor.ts";
import type { PeSectionFacts } from "./pe-facts.ts";

/** An image with what its readers need to follow relative virtual addresses. */
export interface PeImage {
  readonly file: Cursor;
  readonly bits: 32 | 64;
  readonly imageBase: bigint;
  /** Bytes at the start of the file that are loaded at address 0. */
  readonly headerBytes: number;
  readonly sections: readonly PeSectionFacts[];
  readonly directories: readonly PeDirectory[];
}

export interface PeDirectory {
  readonly address: number;
  readonly bytes: number;
}

/** Numbers of the data directories. */
export const directory = {
  exports: 0,
  imports: 1,
  resources: 2,
  exceptions: 3,
  certificates: 4,
  relocations: 5,
  debug: 6,
  tls: 9,
  loadConfig: 10,
  delayImports: 13,
  managed: 14,
} as const;

/** The part of the file that holds the bytes at a relative virtual address, up to the end of its section. */
export function atAddress(image: PeImage, address: number, what: string): Cursor {
  const found = findAddress(image, address, what);
  if (found !== undefined) return found;
  throw image.file.malformed(0, `${what}: address 0x${address.toString(16)} lies in no section of the file`);
}

/** The same; undefined where the address is in no section, or in the part of one that is only zeros in memory. */
export function findAddress(image: PeImage, address: number, what: string): Cursor | undefined {
  image.file.spend(image.sections.length, 0, what);
  const section = image.sections.find(
    (candidate) => address >= candidate.address && address < candidate.address + candidate.fileBytes,
  );
  if (section !== undefined)
    return image.file
      .slice(section.fileOffset, section.fileBytes, what)
      .from(address - section.address, what);
  return address > 0 && address < image.headerBytes
    ? image.file.slice(address, image.headerBytes - address, what)
    : undefined;
}

/** A data directory that is present. */
export function directoryOf(image: PeImage, index: number): PeDirectory | undefined {
  const found = image.directories[index];
  return found === undefined || found.address === 0 ? undefined : found;
}

/** The relative address of a virtual one, as pointers in the image are written. */
export function relativeAddress(image: PeImage, pointer: bigint): number {
  return Number(pointer - image.imageBase);
}
