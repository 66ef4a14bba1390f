// How much a container may unpack to; beyond that it is taken for an attack on the reader.

export interface Limits {
  /** Members of the container and of all archives inside it. */
  readonly members: number;
  /** Unpacked size of one member. */
  readonly memberBytes: number;
  /** Unpacked size of all members together. */
  readonly totalBytes: number;
  /** Unpacked size over packed size, of a member and of a stream; small ones may be above it. */
  readonly ratio: number;
  /** Up to this unpacked size the ratio does not matter. */
  readonly ratioFreeBytes: number;
  /** Archives inside archives; 0 opens none. */
  readonly depth: number;
  /** Size of a zip archive's directory and of a tar archive's extended header. */
  readonly directoryBytes: number;
}

/** The largest native packages of the registries unpack to 1 GB; text and debug information reach a ratio of 20. */
export const defaultLimits: Limits = {
  members: 200_000,
  memberBytes: 512 * 2 ** 20,
  totalBytes: 4 * 2 ** 30,
  ratio: 200,
  ratioFreeBytes: 16 * 2 ** 20,
  depth: 4,
  directoryBytes: 64 * 2 ** 20,
};

/** Whether `unpacked` bytes out of `packed` ones are more than an honest file would be. */
export function isBomb(limits: Limits, packed: number, unpacked: number): boolean {
  return unpacked > limits.ratioFreeBytes && unpacked > packed * limits.ratio;
}
