// Reads numbers of variable length (LEB128), as Mach-O, WebAssembly and ARM attributes write them.
import type { Cursor } from "./cursor.ts";

export interface VariableLength<T> {
  readonly value: T;
  /** Where the next field begins. */
  readonly end: number;
}

/** An unsigned number of at most 35 bits: offsets and sizes of these formats have 32. */
export function uleb(part: Cursor, start: number, what: string): VariableLength<number> {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = part.u8(start + index, what);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw part.malformed(start, `${what}: a number has more than five bytes`);
}

/** An unsigned number of at most 64 bits. */
export function uleb64(part: Cursor, start: number, what: string): VariableLength<bigint> {
  let value = 0n;
  for (let index = 0; index < 10; index += 1) {
    const byte = part.u8(start + index, what);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + index + 1 };
  }
  throw part.malformed(start, `${what}: a number has more than ten bytes`);
}

/** A signed number of at most 64 bits. */
export function sleb64(part: Cursor, start: number, what: string): VariableLength<bigint> {
  const { value, end } = uleb64(part, start, what);
  return { value: BigInt.asIntN(Math.min(64, 7 * (end - start)), value), end };
}
