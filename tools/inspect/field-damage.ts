// Damages the fields of a file one by one: every number that a reader takes from it, set to what breaks readers.
import { ToolError } from "../shared/errors.ts";
import { inspectBytes } from "./inspect.ts";

/** A number that the readers took from a file. */
export interface Field {
  readonly offset: number;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly what: string;
}

/** The fields that are read of a file, up to `most` of each meaning: the first, and others spread over the rest. */
export function fieldsOf(bytes: Buffer, most: number): Field[] {
  const byMeaning = new Map<string, Map<number, Field>>();
  try {
    inspectBytes("fields", bytes, (offset, width, what) => {
      const fields = byMeaning.get(what) ?? new Map<number, Field>();
      fields.set(offset, { offset, bytes: width, what });
      byMeaning.set(what, fields);
    });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
  return [...byMeaning.values()].flatMap((fields) => spread([...fields.values()], most));
}

function spread(fields: readonly Field[], most: number): Field[] {
  const step = Math.max(1, fields.length / most);
  const chosen = Array.from(
    { length: Math.min(most, fields.length) },
    (_, index) => fields[Math.floor(index * step)],
  );
  return chosen.flatMap((field) => field ?? []);
}

/** Copies of the file, each with one field set to one value, in both byte orders where that differs. */
export function* fieldDamages(original: Buffer, field: Field): Generator<Buffer, void, void> {
  for (const value of hostileValues(original, field)) {
    for (const littleEndian of field.bytes === 1 ? [true] : [true, false]) {
      const bytes = Buffer.from(original);
      const limited = BigInt.asUintN(field.bytes * 8, value);
      const text = limited.toString(16).padStart(field.bytes * 2, "0");
      const written = Buffer.from(text, "hex");
      if (littleEndian) written.reverse();
      written.copy(bytes, field.offset);
      if (!bytes.equals(original)) yield bytes;
    }
  }
}

/** Nothing, one, the limits of signed and unsigned numbers, the file's size, the field's own place, its neighbours. */
function hostileValues(original: Buffer, { offset, bytes }: Field): bigint[] {
  const own = BigInt(
    `0x${Buffer.from(original.subarray(offset, offset + bytes))
      .reverse()
      .toString("hex")}`,
  );
  const size = BigInt(original.length);
  const top = 1n << BigInt(bytes * 8);
  return [0n, 1n, 2n, top / 2n - 1n, top / 2n, top - 1n, top - 16n, size, size - 1n, BigInt(offset)].concat([
    own + 1n,
    own - 1n,
    own * 2n,
    own / 2n,
  ]);
}
