// What the model says of a header: documentation, parameter roles, lints, and the overlay's exceptions.
import { describe, expect, it } from "vitest";
import { ToolError } from "../shared/errors.ts";
import { parseOverlay, type Overlay } from "./overlay.ts";
import { modelOf } from "./text-model.ts";

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ToolError) return `${error.message} | ${error.remedy}`;
    throw error;
  }
  return "accepted";
}

describe("documentation", () => {
  it("is the comment behind the declaration, else the one above it", () => {
    const model = modelOf(`
/* ---- A section ---- */

/** Counts
 *  things.
 *
 *  Second paragraph. */
int f(void);
#define A 1 /* one */
// two
// lines
#define B 2
/* not for g: an empty line follows */

int g(void);
struct s {
  int x; /* the first */
  /* above y */
  int y;
};
`);
    expect(model.functions.map(({ doc }) => doc)).toEqual(["Counts things.\nSecond paragraph.", ""]);
    expect(model.constants.map(({ doc }) => doc)).toEqual(["one", "two lines"]);
    expect(model.records[0]?.fields.map(({ doc }) => doc)).toEqual(["the first", "above y"]);
  });

  it("passes over macros that expand to nothing", () => {
    expect(modelOf("#define API\n/* Says hello. */\nAPI int f(void);\n").functions[0]?.doc).toBe(
      "Says hello.",
    );
  });
});

describe("parameters", () => {
  const overlay: Partial<Overlay> = {
    names: { handle: "H", error: "E" },
    nullable: { t_call: ["items"] },
    alsoOnFailure: { t_call: ["out_size"] },
    blocks: ["t_call"],
  };
  const header = `#include <stddef.h>
#include <stdint.h>
typedef uint64_t H;
typedef struct E { uint64_t code; } E;
typedef void (*W)(void *user_data);
uint32_t t_call(H handle, const E *items, uint32_t count, const char *uri, size_t uri_size, size_t *out_size, E *error);
uint32_t t_wake(H handle, W wake, void *user_data, uint32_t flag);
uint32_t t_lend(H handle, const uint8_t **out_data, size_t *out_size, uint8_t *room, size_t capacity, const E *one);
`;
  const model = modelOf(header, overlay);
  const rolesOf = (name: string): unknown[] =>
    model.functions.find((fn) => fn.name === name)?.params.map(({ role }) => role) ?? [];

  it("get their roles from their names", () => {
    expect(rolesOf("t_call")).toEqual([
      { kind: "handle" },
      { kind: "array", direction: "in", count: "count" },
      { kind: "count", of: "items" },
      { kind: "text", direction: "in", size: "uri_size" },
      { kind: "count", of: "uri" },
      { kind: "out", alsoOnFailure: true },
      { kind: "error" },
    ]);
    expect(rolesOf("t_wake")).toEqual([
      { kind: "handle" },
      { kind: "callback" },
      { kind: "userData", of: "wake" },
      { kind: "value" },
    ]);
    expect(rolesOf("t_lend")).toEqual([
      { kind: "handle" },
      { kind: "borrow", size: "out_size" },
      { kind: "out", alsoOnFailure: false },
      { kind: "array", direction: "out", count: "capacity" },
      { kind: "count", of: "room" },
      { kind: "in" },
    ]);
  });

  it("are nullable only where the overlay or their role says so", () => {
    const nullable = model.functions.flatMap(({ params }) =>
      params.filter((param) => param.nullable).map(({ name }) => name),
    );
    expect(nullable).toEqual(["items", "error", "user_data"]);
    expect(model.functions.map(({ blocks }) => blocks)).toEqual([true, false, false]);
  });
});

describe("an overlay", () => {
  it("that names what the header does not declare is an error with the nearest name", () => {
    expect(messageOf(() => modelOf("int t_wait(void);", { blocks: ["t_wiat"] }))).toBe(
      'test.bind.json: "blocks" names t_wiat, which the header does not declare | did you mean t_wait?',
    );
    expect(messageOf(() => modelOf("int t_wait(int x);", { nullable: { t_wait: ["y"] } }))).toContain(
      '"nullable.t_wait" names y',
    );
  });

  it("with an unknown key, lint or type is an error", () => {
    expect(messageOf(() => parseOverlay("o.json", '{ "block": [] }'))).toContain(
      'unknown key "block" | known are blocks',
    );
    expect(messageOf(() => parseOverlay("o.json", '{ "lints": ["one-layuot"] }'))).toContain(
      "use one-layout",
    );
    expect(messageOf(() => parseOverlay("o.json", '{ "blocks": "all" }'))).toContain(
      '"blocks" must be a list of strings',
    );
    expect(messageOf(() => parseOverlay("o.json", "{"))).toContain("o.json: no JSON");
  });
});

describe("a lint", () => {
  const includes = "#include <stddef.h>\n#include <stdint.h>\n";
  it.each([
    ["fixed-width-fields", "struct s { int x; };", "s field x is no fixed-width integer"],
    ["fixed-width-fields", "struct s { void *x; };", "s field x is no fixed-width integer"],
    ["explicit-padding", "struct s { uint32_t a; uint64_t b; };", "s 4 bytes of padding before b"],
    ["explicit-padding", "struct s { uint64_t a; uint32_t b; };", "s 4 bytes of padding at its end"],
    ["size-multiple-of-8", "struct s { uint32_t a; };", "s has 4 bytes"],
    [
      "one-layout",
      "struct s { uint32_t a; uint64_t b; };",
      "s has 16 bytes in class p8a8, but another layout with 12 in p4a4",
    ],
    ["no-record-by-value", "struct s { uint64_t a; }; void f(struct s x);", "f takes x by value"],
    ["at-most-6-params", "void f(int, int, int, int, int, int, int);", "f 7 parameters"],
    ["flat-params", "void f(uint16_t x);", "f parameter x is none of the flat types"],
    ["no-variadic", "void f(int, ...);", "f takes variable arguments"],
    ["function-prefix", "void f(void);", "f does not start with t_"],
    ["no-function-macros", "#define F(x) x", "F is a macro that only C can use"],
    ["documented-functions", "void f(void);", "f has no comment above it"],
  ] as const)("%s finds %s", (name, text, expected) => {
    expect(messageOf(() => modelOf(includes + text, { lints: [name] }))).toContain(expected);
    expect(messageOf(() => modelOf(includes + text))).toBe("accepted");
  });
});
