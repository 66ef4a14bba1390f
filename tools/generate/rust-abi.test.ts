// The Rust witness resolves every typedef, names every field, and refuses what Rust cannot say.
import { describe, expect, it } from "vitest";
import { modelOf } from "../header/text-model.ts";
import { foreignProject } from "./foreign-project.ts";
import { rustAbi } from "./rust-abi.ts";

function emitted(text: string): string {
  return rustAbi.emit(modelOf(`#include <stdint.h>\n${text}`), foreignProject("/t.h", []))[0]?.text ?? "";
}

describe("the Rust witness", () => {
  it("checks functions against types without aliases", () => {
    const text = emitted(
      "typedef uint64_t H;\ntypedef void (*W)(void *u);\nuint32_t t_f(H h, const char *s, W w, H *out_h);\n",
    );
    expect(text).toContain(
      'let _: unsafe extern "C" fn(u64, *const core::ffi::c_char, unsafe extern "C" fn(*mut core::ffi::c_void), *mut u64) -> u32 = t::t_f;',
    );
    expect(text).toContain(
      'let _: fn(t::W) -> unsafe extern "C" fn(*mut core::ffi::c_void) = |callback| callback;',
    );
  });

  it("checks layouts per class and every field with its type", () => {
    const text = emitted("typedef struct Pair { uint8_t a; uint64_t b; } Pair;\n");
    expect(text).toContain("assert_eq!(size_of::<t::Pair>(), [16, 16, 12][CLASS]);");
    expect(text).toContain("assert_eq!(offset_of!(t::Pair, b), [8, 8, 4][CLASS]);");
    expect(text).toContain("fn pair_fields(value: &t::Pair) -> (&u8, &u64,)");
    expect(text).toContain("let t::Pair { a, b } = value;");
  });

  it("checks constants with the type that a suffix gives them", () => {
    const text = emitted('#define T_A UINT32_C(7)\n#define T_B -7\n#define T_C "é\\n"\n');
    expect(text).toContain("let value: u32 = t::T_A;");
    expect(text).toContain("assert_eq!(i128::from(t::T_B), -7);");
    expect(text).toContain('assert_eq!(t::T_C, "\\u{e9}\\u{a}");');
  });

  it.each([
    ["bit-fields", "struct s { unsigned a : 3; };", "the bit-field or anonymous member of s"],
    [
      "constants that depend on the target",
      "#define T_A sizeof(void *)",
      "the constant T_A, whose value differs",
    ],
  ])("refuses %s", (_, text, expected) => {
    expect(() => emitted(text)).toThrow(expected);
  });
});
