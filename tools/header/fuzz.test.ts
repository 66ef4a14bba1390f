// Whatever is done to a header, the front end answers with a model or a typed error, soon.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ToolError } from "../shared/errors.ts";
import { modelOf } from "./text-model.ts";

const seeds = [
  readFileSync(join(import.meta.dirname, "fixtures", "torture.h"), "utf8"),
  "#define A(x) x A\nA(A)(1)\ntypedef struct s { int a : 3; struct { char *b[2]; }; } s;\nint (*f(s *p))(void);\n",
];

/** Fixed numbers instead of chance, so that a failure is repeated. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const inserts = [
  ...[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "*",
    ",",
    ";",
    ":",
    "#",
    "##",
    "...",
    "\\\n",
    "\n",
    '"',
    "'",
    "/*",
    "*/",
    "//",
    "\0",
    "é",
  ],
  ...[
    "struct",
    "union",
    "enum",
    "typedef",
    "const",
    "void",
    "int",
    "unsigned",
    "static",
    "extern",
    "sizeof",
    "_Alignas(8)",
  ],
  ...[
    "#if 1\n",
    "#endif\n",
    "#else\n",
    "#define tt_u64 tt_u64 tt_u64\n",
    "#include <stdint.h>\n",
    "#pragma pack(1)\n",
  ],
  ...[
    "0x",
    "1e",
    "99999999999999999999",
    "-1",
    "0",
    "1 <<",
    "defined(",
    "__attribute__((aligned(64)))",
    "__stdcall",
  ],
];

function mutated(text: string, next: (limit: number) => number): string {
  const at = next(text.length);
  const length = 1 + next(next(6) === 0 ? 200 : 4);
  switch (next(4)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + (inserts[next(inserts.length)] ?? "") + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length);
    default: {
      const from = next(text.length);
      return text.slice(0, at) + text.slice(from, from + length) + text.slice(at + length);
    }
  }
}

describe("a mutated header", () => {
  it("gives a model or a typed error soon, 800 times", () => {
    const outcomes = { model: 0, refused: 0 };
    for (let round = 0; round < 800; round += 1) {
      const next = numbers(round);
      let text = seeds[round % seeds.length] ?? "";
      for (let count = next(3) === 0 ? 4 : 1; count > 0; count -= 1) text = mutated(text, next);
      const started = performance.now();
      try {
        modelOf(text);
        outcomes.model += 1;
      } catch (error) {
        if (!(error instanceof ToolError)) throw new Error(`round ${round}:\n${text}`, { cause: error });
        expect(error.remedy).not.toBe("");
        outcomes.refused += 1;
      }
      // A hang is what this is about; a loaded machine may be slow.
      expect(performance.now() - started).toBeLessThan(10_000);
    }
    // Both must occur, or the mutations are too tame or too wild to prove anything.
    expect(outcomes.model).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(50);
  });
});
