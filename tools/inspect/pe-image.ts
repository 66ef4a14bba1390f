// A PE image in memory: its sections and data directories, and how relative virtual addresses are followed.
import type { Cursor } from "./cursor.ts";

/** An image with what its readers need to follow relative virtual addresses. */
export interface PeImage {
  readonly file: Cursor;
  readonly bits: 32 | 64;
  readonly imageBase: bigint;
  readonly sections: readonly PeSection[];
  readonly directories: readonly PeDirectory[];
}

export interface PeSection {
  readonly address: number;
  readonly memoryBytes: number;
  readonly fileOffset: number;
  readonly fileBytes: number;
}

export interface PeDirectory {
  readonly address: number;
  readonly bytes: number;
}

/** The part of the file that holds the bytes at a relative virtual address, up to the end of its section. */
export function atAddress(image: PeImage, address: number, what: string): Cursor {
  image.file.spend(image.sections.length, 0, what);
  const section = image.sections.find(
    (candidate) => address >= candidate.address && address < candidate.address + candidate.fileBytes,
  );
  if (section === undefined)
    throw image.file.malformed(
      0,
      `${what}: address 0x${address.toString(16)} lies in no section of the file`,
    );
  return image.file.slice(section.fileOffset, section.fileBytes, what).from(address - section.address, what);
}

/** A data directory that is present. */
export function directoryOf(image: PeImage, index: number): PeDirectory | undefined {
  const directory = image.directories[index];
  return directory === undefined || directory.address === 0 ? undefined : directory;
}
