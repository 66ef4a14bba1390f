// One place where two builds of the same commit are not the same, and the words for it.

export interface Difference {
  /** From the outside in: package, member, section or JSON path. */
  readonly where: readonly string[];
  /** Byte offset in the innermost of them; absent where there is none to give. */
  readonly offset?: number;
  /** What the first and the second build have there. */
  readonly first: string;
  readonly second: string;
}

export function renderDifference({ where, offset, first, second }: Difference): string {
  const place = offset === undefined ? "" : ` at byte 0x${offset.toString(16)}`;
  return [`${where.join(" › ")}${place}`, `  first:  ${first}`, `  second: ${second}`].join("\n");
}

const shownBytes = 24;

/** The bytes around the first difference, as hexadecimal and as text. */
export function excerpt(bytes: Uint8Array, at: number): string {
  const from = Math.max(0, at - 4);
  const part = Buffer.from(bytes.subarray(from, from + shownBytes));
  if (part.length === 0) return "nothing: it ends before";
  const text = part.toString("latin1").replaceAll(/[^\x20-\x7e]/g, "·");
  return `${part.toString("hex").replaceAll(/(..)(?=.)/g, "$1 ")}  ${text}`;
}

/** Index of the first byte that differs; the shorter length where one begins with the other. */
export function firstDifference(first: Uint8Array, second: Uint8Array): number {
  const length = Math.min(first.length, second.length);
  for (let index = 0; index < length; index += 1) if (first[index] !== second[index]) return index;
  return length;
}
