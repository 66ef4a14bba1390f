// The integers of C whose width is the same on every target, as bits with and without a sign.
import type { IntegerName } from "./model.ts";

/** `long`, `char` and the integers of a pointer's width are not among them: they differ by target. */
export const integerWords: Readonly<Partial<Record<IntegerName, string>>> = {
  "signed char": "i8",
  "unsigned char": "u8",
  short: "i16",
  "unsigned short": "u16",
  int: "i32",
  "unsigned int": "u32",
  "long long": "i64",
  "unsigned long long": "u64",
  int8_t: "i8",
  uint8_t: "u8",
  int16_t: "i16",
  uint16_t: "u16",
  int32_t: "i32",
  uint32_t: "u32",
  int64_t: "i64",
  uint64_t: "u64",
};
