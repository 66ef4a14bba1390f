// Constant expressions have the value, size and signedness that compilers give them, in every class.
import { describe, expect, it } from "vitest";
import { witness } from "../generate/c-layout.ts";
import { classWitnesses, compilerErrors } from "./compilers.ts";
import type { AbiModel, ConstantValue } from "./model.ts";
import { modelOf } from "./text-model.ts";

const expressions = [
  ...["0", "1", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807"],
  ...["0x7fffffff", "0x80000000", "0xffffffff", "0x100000000", "0xffffffffffffffff", "0777", "0x0"],
  ...["1u", "1l", "1ul", "1ll", "1ull", "1LLU", "0xfULL", "100UL", "0x80000000L"],
  ...[
    "-1",
    "-1u",
    "~0",
    "~0u",
    "~0ull",
    "!0",
    "!5",
    "-2147483647 - 1",
    "+'a'",
    "'\\n'",
    "'\\x41'",
    "'\\101'",
  ],
  ...["1 + 2 * 3", "(1 + 2) * 3", "7 / 2", "-7 / 2", "7 % 3", "-7 % 3", "7 % -3", "1u - 2", "10 - 4 - 3"],
  ...["1 << 31", "1u << 31", "1ull << 63", "-1 >> 1", "0xffffffffu >> 4", "1 << 2 << 3", "256 >> 2 >> 1"],
  ...["1 < 2", "-1 < 0u", "-1 < 0", "2 >= 2", "1 == 1u", "0x80000000 > 0", "-1 == 0xffffffff", "-1l < 0u"],
  ...["6 & 3", "6 | 3", "6 ^ 3", "0xf0 & 0x3c | 1 ^ 2", "1 && 0", "0 || 2", "0 && 1 / 0", "1 || 1 / 0"],
  ...["1 ? 2 : 3", "0 ? 2 : 3u", "1 ? -1 : 0u", "1 ? 2 : 3ull", "0 ? 1 : 0 ? 2 : 3", "(1 ? 0x10 : 1) + 1"],
  ...[
    "(uint8_t)300",
    "(int8_t)200",
    "(uint16_t)-1",
    "(int64_t)-1",
    "(uint64_t)-1",
    "(int)1.9",
    "(unsigned)3.7f",
  ],
  ...[
    "(int32_t)0x80000000",
    "(unsigned char)-1",
    "(_Bool)7",
    "(uint32_t)1 << 31",
    "(unsigned short)65535 + 1",
  ],
  ...[
    "sizeof(int)",
    "sizeof(long)",
    "sizeof(void *)",
    "sizeof(uint64_t) * 2",
    "sizeof(struct pair)",
    "sizeof(int[3])",
  ],
  ...[
    "sizeof(char (*)[4])",
    'sizeof("four")',
    "sizeof 1ull",
    "_Alignof(uint64_t)",
    "sizeof(struct pair) == 8 ? 1 : 2u",
  ],
  ...[
    "INT8_MIN",
    "INT32_MIN",
    "INT64_MIN",
    "INT64_MAX",
    "UINT64_MAX",
    "SIZE_MAX",
    "UINT16_MAX",
    "INTPTR_MIN",
  ],
  ...[
    "UINT8_C(200)",
    "UINT32_C(1) - 2",
    "INT64_C(-5)",
    "UINT64_C(5) - 6",
    "LONG_MAX",
    "ULONG_MAX",
    "CHAR_BIT",
  ],
  ...["A_LOW", "A_HIGH - A_LOW", "A_NEGATIVE * 2", "1.5 + 2", "1.0f / 4", "0x1.8p3", "3 / 2.0", "1e3", ".5f"],
];

const prologue = [
  "#include <limits.h>",
  "#include <stddef.h>",
  "#include <stdint.h>",
  "struct pair { char a; uint64_t b; };",
  "enum amount { A_LOW = 3, A_HIGH = A_LOW << 4, A_NEGATIVE = -2 };",
];
const text = [
  ...prologue,
  ...expressions.map((expression, index) => `#define E${index} (${expression})`),
  "",
].join("\n");

describe("constant expressions", () => {
  const model = modelOf(text);
  const source = [
    text,
    ...witness(model, "test.h")
      .split("\n")
      .filter((line) => line !== '#include "test.h"'),
  ].join("\n");

  it("all have a value", () => {
    expect(model.constants.length).toBe(expressions.length);
  });

  for (const compiler of classWitnesses) {
    it.skipIf(!compiler.isPresent)(
      `have the values that ${compiler.name} gives them (${compiler.install})`,
      () => {
        // The expressions are chosen to be odd; that compilers warn of them is not the point.
        expect(compilerErrors(compiler, source, ["-w"])).toBe("");
      },
    );

    it.skipIf(!compiler.isPresent)(`have no other value for ${compiler.name} (${compiler.install})`, () => {
      const wrong = expressions.map((_, index) => witnessOfOne(model, index)).join("\n");
      const failures = compilerErrors(compiler, `${source}\n${wrong}`, ["-w", "-fmax-errors=0"]).match(
        /static assertion failed/g,
      );
      expect(failures?.length).toBe(expressions.length);
    });
  }
});

/** An assert that the constant has the value next to its own: it must fail. */
function witnessOfOne(model: AbiModel, index: number): string {
  const constant = model.constants[index];
  return `_Static_assert((${constant?.name ?? ""}) == (${constant?.name ?? ""}) + 1, "wrong on purpose");`;
}

describe("string constants", () => {
  const value = (body: string): ConstantValue | undefined =>
    modelOf(`#define A ${body}\n`).constants[0]?.value;

  it("join adjacent literals and resolve escapes", () => {
    expect(value('"a\\tb" "\\x41" "\\u00e9" u8"z"')).toEqual({ kind: "string", value: "a\tbAéz" });
  });

  it("may be made by # and ##", () => {
    const model = modelOf(
      '#define TEXT(x) #x\n#define CAT(a, b) a##b\n#define A TEXT(say "hi\\n")\n#define B CAT(0x, ff)\n',
    );
    expect(model.constants.map(({ value: item }) => item)).toEqual([
      { kind: "string", value: 'say "hi\\n"' },
      { kind: "integer", type: "int32_t", value: "255" },
    ]);
  });
});

describe("a constant that depends on the class", () => {
  it("has one value per class", () => {
    const [constant] = modelOf(
      "#include <stddef.h>\n#define A (sizeof(size_t) == 8 ? 0xFFFFFFFFFFull : 7u)\n",
    ).constants;
    expect(constant?.perClass?.p8a8).toEqual({ kind: "integer", type: "uint64_t", value: "1099511627775" });
    expect(constant?.perClass?.p4a4).toEqual({ kind: "integer", type: "uint64_t", value: "7" });
  });
});
