// What callers hand over, looked at before it is used: hosts without types get an error with a code, too.
import { NnrpUsageError } from "./errors.ts";

/** The bytes of a caller: a Uint8Array of this realm or of another one. */
export function bytesArgument(value: unknown): Uint8Array {
  if (value instanceof Uint8Array || isBytesOfAnotherRealm(value)) return value;
  throw wrongType(value, "a Uint8Array");
}

/** The options, fields or packet of a caller. */
export function objectArgument<Value extends object>(value: Value): Value {
  if (typeof value === "object" && (value as Value | null) !== null) return value;
  throw wrongType(value, "an object");
}

/** A time or a clock's answer, as the module counts: microseconds. */
export function timeArgument(milliseconds: number): bigint {
  if (Number.isFinite(milliseconds)) return BigInt(Math.max(0, Math.round(milliseconds * 1000)));
  throw wrongType(milliseconds, "a finite number of milliseconds");
}

/** What was given as a name, for people. */
export function nameArgument(value: unknown): string {
  return String(value);
}

export function wrongType(value: unknown, wanted: string): NnrpUsageError {
  const found =
    typeof value === "number" ? String(value) : Object.prototype.toString.call(value).slice(8, -1);
  return new NnrpUsageError("WrongType", `an argument is ${found}; it has to be ${wanted}`);
}

function isBytesOfAnotherRealm(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}
