// Writes objects as structures of the wire, by the tables of name, offset and width.
import { objectArgument } from "./arguments.ts";
import { NnrpUsageError } from "./errors.ts";
import type { FieldLayout } from "./layouts.g.ts";

/** The part of a layout that writing needs. */
interface Layout {
  readonly fields: readonly FieldLayout[];
}

/** Writes the fields that are given; the others stay as they are. Whether the values make sense is for the module. */
export function writeStructure(layout: Layout, values: object, view: DataView, start: number): void {
  for (const [name, value] of Object.entries(objectArgument(values)) as [string, unknown][]) {
    if (value === undefined) continue;
    const field = layout.fields.find(([known]) => known === name);
    if (field === undefined) throw unknownField(name, layout);
    write(view, start + field[1], field, value);
  }
}

function write(view: DataView, at: number, [name, , width]: FieldLayout, value: unknown): void {
  const number = typeof value === "number" || typeof value === "bigint" ? value : Number.NaN;
  const isWhole = typeof number === "bigint" || Number.isSafeInteger(number);
  if (!isWhole || number < 0 || BigInt(number) >> BigInt(width * 8) !== 0n)
    throw outOfRange(name, width, value);
  if (width === 1) view.setUint8(at, Number(number));
  else if (width === 2) view.setUint16(at, Number(number), true);
  else if (width === 4) view.setUint32(at, Number(number), true);
  else view.setBigUint64(at, BigInt(number), true);
}

function unknownField(name: string, { fields }: Layout): NnrpUsageError {
  const known = fields.map(([field]) => field).join(", ");
  return new NnrpUsageError("UnknownField", `there is no field ${name}; there are ${known}`, { name });
}

function outOfRange(name: string, width: number, value: unknown): NnrpUsageError {
  const words = `${name} is ${String(value)}; it is a whole number of at most ${width * 8} bits`;
  return new NnrpUsageError("ValueOutOfRange", words, { name });
}
