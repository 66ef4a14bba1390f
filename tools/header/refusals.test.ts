// Every construct that is refused says where, shows the line with a caret, and what to do.
import { describe, expect, it } from "vitest";
import { HeaderError } from "./source.ts";
import { modelOf } from "./text-model.ts";

/** What the header gets told: message with source line and caret, then the remedy. */
function refusal(text: string): string {
  try {
    modelOf(text);
  } catch (error) {
    if (error instanceof HeaderError) return `${error.message}\n${error.remedy}`;
    throw error;
  }
  return "accepted";
}

describe("a refusal", () => {
  it("shows file, line, column, the source line and a caret under the culprit", () => {
    expect(refusal("typedef int ok;\n\tint f(unknown_t x);\n")).toBe(
      [
        "test.h:2:8: unknown type name 'unknown_t'",
        "  2 | \tint f(unknown_t x);",
        "    | \t      ^",
        "declare or #include it before its use",
      ].join("\n"),
    );
  });

  it("of what a macro brought points at the macro's use and names the macro", () => {
    expect(refusal("#define BROKEN int )\nBROKEN f(void);\n")).toBe(
      [
        "test.h:2:1: expected the name that is declared, found ')' (in the expansion of macro BROKEN)",
        "  2 | BROKEN f(void);",
        "    | ^",
        "write it in plain C11; see --help for what is read",
      ].join("\n"),
    );
  });

  it("shows a piece of a long line around the caret", () => {
    const message = refusal(`int f(${"int a, ".repeat(60)}float128 x);`);
    expect(message).toContain("unknown type name 'float128'");
    expect(Math.max(...message.split("\n").map((line) => line.length))).toBeLessThan(140);
  });

  it("suggests names that look like the unknown one", () => {
    expect(refusal("typedef int widget_t;\nint f(widgit_t x);")).toContain("did you mean widget_t?");
  });
});

describe("refused", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["an unterminated comment", "int f(void);\n/* never closed", "2:1: unterminated comment"],
    ["an unterminated string", '#define A "open\n', "1:11: unterminated string"],
    ["a character that is no C", "int @f(void);", "1:5: unexpected character '@'"],
    ["an unclosed #if", "#if 1\nint f(void);", "1:2: this conditional is not closed"],
    ["an #endif without #if", "#endif", "1:2: #endif without #if"],
    ["an #elif behind #else", "#if 0\n#else\n#elif 1\n#endif", "3:2: #elif after #else"],
    ["an unknown directive", "#inclde <a.h>", "1:2: #inclde is not supported"],
    [
      "an unknown include",
      "#include <no/such.h>",
      "1:10: <no/such.h> is neither found nor a known system header",
    ],
    ["an active #error", "#ifndef X\n#error need X\n#endif", "2:2: #error need X"],
    ["a division by zero in #if", "#if 1 / 0\n#endif", "1:7: division by zero"],
    ["a condition with rubbish behind it", "#if 1 2\n#endif", "1:7: expected the end of the condition"],
    [
      "a macro defined twice differently",
      "#define A 1\n#define A 2",
      "2:9: macro A is defined differently in test.h:1",
    ],
    [
      "a macro called with too few arguments",
      "#define F(a, b) a\nF(1) x;",
      "2:1: macro F takes 2 arguments, but gets 1",
    ],
    [
      "a macro call that does not end",
      "#define F(a) a\nint F(x;",
      "2:5: the arguments of macro F do not end",
    ],
    ["a paste that makes no token", "#define F(a) a ## +\nF(x)", "2:1: ## joins 'x' and '+'"],
    ["a macro that is no constant", "#define A 1 +", "1:9: the value of macro A is not understood"],
    ["a macro that names nothing", "#define A missing", "1:9: the value of macro A is not understood"],
    ["a signed overflow", "#define A (2147483647 + 1)", "1:23: signed overflow"],
    ["a shift beyond the type", "#define A (1 << 32)", "1:14: shift by 32"],
    ["a literal too large", "#define A 99999999999999999999", "1:11: 99999999999999999999 is too large"],
    ["a bad octal digit", "#define A 089", "1:11: 089 starts with 0"],
    ["a char above 127", "#define A '\\200'", "1:11: \\200 is a byte outside ASCII"],
    ["a wide string", '#define A L"x"', '1:11: L"x" is a wide string'],
    ["long double in a struct", "struct s { long double x; };", "1:24: long double has a different size"],
    ["a struct that contains itself", "struct s { struct s x; };", "1:21: 's' contains itself"],
    ["an incomplete member", "struct a; struct s { struct a x; };", "1:31: 'a' is only declared"],
    ["an array of negative length", "extern int a[-1];", "1:14: the length of the array must be an integer"],
    ["a bit-field wider than its type", "struct s { unsigned x : 33; };", "1:21: 33 bits do not fit"],
    [
      "an unknown attribute",
      "int f(void) __attribute__((regparm(3)));",
      "1:28: the attribute 'regparm' is not known",
    ],
    ["an unknown pragma", "#pragma options align=mac68k\nint f(void);", "1:1: #pragma options align"],
    ["a pop without a push", "#pragma pack(pop)\n", "1:1: #pragma pack(pop) without a push"],
    ["a definition", "int x;", "1:5: 'x' is defined, not only declared"],
    ["a function with a body", "int f(void) { return 1; }", "1:5: the function 'f' has a body"],
    ["an assembler name", 'int f(void) __asm__("g");', "1:13: an assembler name differs"],
    [
      "a conflicting declaration",
      "int f(void);\nlong f(void);",
      "2:6: 'f' is declared differently in test.h:1",
    ],
    [
      "a false assertion",
      '_Static_assert(sizeof(int) == 8, "wide");',
      "1:1: this assertion does not hold in class p8a8: wide",
    ],
    ["an atomic", "extern _Atomic int x;", "1:8: '_Atomic' is not supported"],
    ["a 128-bit integer", "__int128 f(void);", "1:1: '__int128' is not supported"],
    ["C++ linkage", 'extern "C++" int f(void);', '1:8: extern "C++" has no C interface'],
    ["C++", "class A { };", "1:1: 'class' is not supported"],
    ["K&R parameters", "int f(a) int a; { return a; }", "1:7: unknown type name 'a'"],
    [
      "an enum beyond 32 bits",
      "enum e { A = 0x100000000 };",
      "1:6: the values of this enum need more than 32 bits",
    ],
    ["a function that returns an array", "int f(void)[3];", "1:6: a function that returns a array"],
    [
      "a convention on an object",
      "extern int __stdcall x;",
      "1:12: a calling convention on something that is no function",
    ],
    ["two members of one name", "struct s { int a; int a; };", "1:23: two members are named 'a'"],
    [
      "a declaration that depends on the class",
      "#ifdef __LP64__\nint f(int);\n#else\nint f(long);\n#endif",
      "'f' is not the same in the ABI classes",
    ],
    ["an endless include", '#include "self.h"', "includes are nested over 64 deep"],
  ];

  it.each(cases)("%s", (_, text, expected) => {
    const self = { "self.h": '#include "self.h"\n' };
    const message = ((): string => {
      try {
        modelOf(text, {}, self);
        return "accepted";
      } catch (error) {
        if (error instanceof HeaderError) return error.message;
        throw error;
      }
    })();
    expect(message).toContain(expected);
    expect(message.split("\n").at(-1)).toMatch(/^ +\| [\t ]*\^$/);
  });

  it("macros that multiply are stopped, not run out of memory", () => {
    const levels = Array.from({ length: 40 }, (_, level) => `#define M${level + 1} M${level} M${level}`);
    expect(refusal(`#define M0 int\n${levels.join("\n")}\nM40 x;`)).toContain("grows beyond every use");
  });

  it("nesting is stopped, not run out of stack", () => {
    expect(refusal(`#define A ${"(".repeat(5000)}1${")".repeat(5000)}`)).toContain("nested over");
    expect(refusal(`int ${"(*".repeat(5000)}f${")".repeat(5000)}(void);`)).toContain("nested over");
    expect(refusal("struct a { ".repeat(5000))).toContain("nested over");
    expect(refusal(`void f(int ${"*".repeat(200_000)}p);`)).toContain("nested over");
    expect(refusal(`typedef int t${"[1]".repeat(20_000)};`)).toContain("nested over");
    const chain = Array.from({ length: 5000 }, (_, level) => `typedef t${level} *t${level + 1};`);
    expect(refusal(`typedef int t0;\n${chain.join("\n")}`)).toContain("test.h:101:14: nested over");
  });

  it("rows are stopped, not run out of stack, where no list is that long", () => {
    expect(refusal(`enum e { A = ${"1 + ".repeat(20_000)}1 };`)).toContain("operators in a row");
    expect(refusal(`enum e { A = ${"1 | ".repeat(2000)}1 };`)).toBe("accepted");
    const names = Array.from({ length: 130_000 }, (_, index) => `A${index}`).join(",");
    expect(refusal(`#define ID(...) __VA_ARGS__\nenum e { ID(${names}) };`)).toBe("accepted");
  });
});
