// The ABI hash changes with what callers are compiled against, and with nothing else.
import { describe, expect, it } from "vitest";
import { abiHash } from "./hash.ts";
import type { AbiModel } from "./model.ts";
import { emptyOverlay } from "./overlay.ts";
import { modelOf } from "./text-model.ts";

const base = `#include <stdint.h>
#define T_VERSION "1.0"
#define T_LIMIT UINT32_C(5)
typedef struct T { uint32_t a; uint32_t b; } T;
uint32_t t_first(const T *value, uint32_t count);
uint32_t t_second(void);
`;

const hash = (text: string): string => modelOf(text, { hashWithout: ["T_VERSION"] }).hash;

describe("the ABI hash", () => {
  const expected = hash(base);

  it.each([
    ["comments", base.replace("uint32_t a;", "uint32_t a; /* more */ // words\n")],
    ["line breaks and spaces", base.replace("T *value,", "T\n    *value,\n\n")],
    ["names of parameters", base.replace("count)", "number)")],
    ["the order of functions", base.replace(/(.*t_first.*\n)(.*t_second.*\n)/, "$2$1")],
    ["the version of the package", base.replace('"1.0"', '"1.1"')],
    ["include guards and macros without a value", `#ifndef G\n#define G\n${base}#endif\n`],
    ["another spelling of a constant", base.replace("UINT32_C(5)", "(2u + 3u)")],
  ])("is not changed by %s", (_, text) => {
    expect(text).not.toBe(base);
    expect(hash(text)).toBe(expected);
  });

  it.each([
    ["the order of fields", base.replace("uint32_t a; uint32_t b;", "uint32_t b; uint32_t a;")],
    ["the type of a field", base.replace("uint32_t b;", "int32_t b;")],
    ["the name of a field", base.replace("uint32_t b;", "uint32_t c;")],
    ["an added field", base.replace("uint32_t b;", "uint32_t b; uint64_t c;")],
    ["packing", `#pragma pack(1)\n${base.replace("uint32_t b;", "uint32_t b; uint64_t c;")}`],
    ["the value of a constant", base.replace("UINT32_C(5)", "UINT32_C(6)")],
    ["the type of a constant", base.replace("UINT32_C(5)", "5")],
    ["the type of a parameter", base.replace("uint32_t count", "uint64_t count")],
    ["a const", base.replace("const T", "T")],
    ["the type of a result", base.replace("uint32_t t_second", "uint64_t t_second")],
    ["the name of a function", base.replace("t_second", "t_third")],
    ["an added function", `${base}void t_third(void);\n`],
  ])("is changed by %s", (_, text) => {
    expect(text).not.toBe(base);
    expect(hash(text)).not.toBe(expected);
  });

  it("cut down to a minor leaves out what came later", () => {
    const overlay = { ...emptyOverlay, since: { t_third: 1, T_NEW: 1 }, hashWithout: ["T_VERSION"] };
    const grown = modelOf(`${base}#define T_NEW 1\nvoid t_third(void);\n`, overlay);
    expect(abiHash(grown, overlay, 0)).toBe(expected);
    expect(abiHash(grown, overlay, 1)).toBe(grown.hash);
    expect(grown.hash).not.toBe(expected);
  });

  it("cut down to a minor leaves out the fields by which a struct has grown since", () => {
    const overlay = { ...emptyOverlay, since: { "T.c": 1, "T.d": 2 }, hashWithout: ["T_VERSION"] };
    const withFields = (fields: string, since: Readonly<Record<string, number>>): AbiModel =>
      modelOf(base.replace("uint32_t b;", `uint32_t b; ${fields}`), { ...overlay, since });
    const atOne = withFields("uint32_t c;", { "T.c": 1 });
    const atTwo = withFields("uint32_t c; uint32_t d;", overlay.since);
    expect([0, 1, 2].map((minor) => abiHash(atTwo, overlay, minor))).toEqual([
      expected,
      atOne.hash,
      atTwo.hash,
    ]);
    expect(() => withFields("", { "T.x": 1 })).toThrow("T.x");
  });
});
