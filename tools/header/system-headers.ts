// The C library headers that a header may include: their types and macros as one neutral platform has them.
import type { AbiClass } from "./model.ts";

export interface SystemHeader {
  /** Type names that become known. */
  readonly types: readonly string[];
  /** Macros, as header text; "" without any. */
  readonly text: string;
  /** Other system headers that come with it. */
  readonly includes?: readonly string[];
}

const exactWidth = ["int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t"];

/** The header `name`, or undefined for one that is not modelled. */
export function systemHeader(name: string, abiClass: AbiClass): SystemHeader | undefined {
  const isWide = abiClass === "p8a8";
  switch (name) {
    case "stddef.h":
      return { types: ["size_t", "ptrdiff_t", "wchar_t"], text: "#undef NULL\n#define NULL ((void *)0)\n" };
    case "stdint.h":
    case "inttypes.h":
      return {
        types: [...exactWidth, "intptr_t", "uintptr_t", "intmax_t", "uintmax_t"],
        text: stdintMacros(isWide),
      };
    case "stdbool.h":
      return { types: [], text: "#define bool _Bool\n#define true 1\n#define false 0\n" };
    case "stdarg.h":
      return { types: ["va_list"], text: "" };
    case "limits.h":
      return { types: [], text: limitsMacros(isWide) };
    case "sys/types.h":
      return { types: ["ssize_t", "off_t", "time_t", "size_t"], text: "" };
    case "unistd.h":
      return {
        types: ["ssize_t", "off_t", "size_t"],
        text: "#define SEEK_SET 0\n#define SEEK_CUR 1\n#define SEEK_END 2\n",
      };
    case "stdio.h":
      return {
        types: ["FILE", "size_t", "va_list"],
        text: "#define SEEK_SET 0\n#define SEEK_CUR 1\n#define SEEK_END 2\n#undef NULL\n#define NULL ((void *)0)\n",
      };
    case "time.h":
      return { types: ["time_t", "size_t"], text: "" };
    case "stdlib.h":
    case "string.h":
      return { types: ["size_t"], text: "#undef NULL\n#define NULL ((void *)0)\n" };
    default:
      return undefined;
  }
}

/** The system headers that are modelled, for messages. */
export const systemHeaderNames: readonly string[] = [
  "stddef.h",
  "stdint.h",
  "inttypes.h",
  "stdbool.h",
  "stdarg.h",
  "limits.h",
  "sys/types.h",
  "unistd.h",
  "stdio.h",
  "time.h",
  "stdlib.h",
  "string.h",
];

/** Macros that every compiler of the matrix defines with the same meaning; none that names a compiler or system. */
export function predefinedMacros(abiClass: AbiClass): string {
  const pointer = abiClass === "p8a8" ? 8 : 4;
  const lines = [
    "#define __STDC__ 1",
    "#define __STDC_VERSION__ 201112L",
    "#define __STDC_HOSTED__ 1",
    "#define __CHAR_BIT__ 8",
    `#define __SIZEOF_POINTER__ ${pointer}`,
    `#define __SIZEOF_LONG__ ${pointer}`,
    `#define __SIZEOF_SIZE_T__ ${pointer}`,
    "#define __SIZEOF_INT__ 4",
    ...(pointer === 8 ? ["#define __LP64__ 1"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function stdintMacros(isWide: boolean): string {
  const lines: string[] = [];
  for (const bits of [8, 16, 32, 64]) {
    const suffix = bits === 64 ? "LL" : "";
    // The suffix of INT64_C is L on some 64-bit systems; size, sign and value are the same.
    lines.push(`#define INT${bits}_C(c) c${suffix === "" ? "" : ` ## ${suffix}`}`);
    lines.push(`#define UINT${bits}_C(c) c${bits < 32 ? "" : ` ## U${suffix}`}`);
    lines.push(`#define INT${bits}_MAX ${(1n << BigInt(bits - 1)) - 1n}${suffix}`);
    lines.push(`#define INT${bits}_MIN (-INT${bits}_MAX - 1)`);
    lines.push(`#define UINT${bits}_MAX ${(1n << BigInt(bits)) - 1n}${bits < 32 ? "" : `U${suffix}`}`);
  }
  lines.push("#define INTMAX_C(c) c ## LL", "#define UINTMAX_C(c) c ## ULL");
  lines.push(
    "#define INTMAX_MAX INT64_MAX",
    "#define INTMAX_MIN INT64_MIN",
    "#define UINTMAX_MAX UINT64_MAX",
  );
  const word = isWide ? "64" : "32";
  lines.push(`#define SIZE_MAX UINT${word}_MAX`, `#define UINTPTR_MAX UINT${word}_MAX`);
  lines.push(`#define INTPTR_MAX INT${word}_MAX`, `#define INTPTR_MIN INT${word}_MIN`);
  return `${lines.join("\n")}\n`;
}

function limitsMacros(isWide: boolean): string {
  const long = isWide ? "9223372036854775807L" : "2147483647L";
  const unsignedLong = isWide ? "18446744073709551615UL" : "4294967295UL";
  return [
    "#define CHAR_BIT 8",
    "#define SCHAR_MAX 127",
    "#define SCHAR_MIN (-128)",
    "#define UCHAR_MAX 255",
    "#define SHRT_MAX 32767",
    "#define SHRT_MIN (-32768)",
    "#define USHRT_MAX 65535",
    "#define INT_MAX 2147483647",
    "#define INT_MIN (-INT_MAX - 1)",
    "#define UINT_MAX 4294967295U",
    `#define LONG_MAX ${long}`,
    "#define LONG_MIN (-LONG_MAX - 1L)",
    `#define ULONG_MAX ${unsignedLong}`,
    "#define LLONG_MAX 9223372036854775807LL",
    "#define LLONG_MIN (-LLONG_MAX - 1LL)",
    "#define ULLONG_MAX 18446744073709551615ULL",
    "",
  ].join("\n");
}
