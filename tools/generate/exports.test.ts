// Export lists name exactly the functions and objects of the header, each in the spelling of its format.
import { describe, expect, it } from "vitest";
import { modelOf } from "../header/text-model.ts";
import { exportLists } from "./exports.ts";
import { foreignProject } from "./foreign-project.ts";

const model = modelOf(
  "void t_b(void);\nvoid t_a(void);\nextern int t_object;\nstatic inline int t_inline(void) { return 1; }\n",
);
const files = Object.fromEntries(
  exportLists.emit(model, foreignProject("/t.h", [])).map(({ path, text }) => [path, text]),
);

describe("export lists", () => {
  it("name every exported symbol once, in order, and nothing else", () => {
    const named = (text: string | undefined): string[] => text?.match(/\b_?t_\w+/g) ?? [];
    expect(named(files["exports/t.map"])).toEqual(["t_a", "t_b", "t_object"]);
    expect(named(files["exports/t.def"])).toEqual(["t_a", "t_b", "t_object"]);
    expect(named(files["exports/t.exported_symbols"])).toEqual(["_t_a", "_t_b", "_t_object"]);
  });

  it("keep everything else local on ELF", () => {
    expect(files["exports/t.map"]).toMatch(/local:\n\s+\*;/);
  });

  it("come with the hash alone in a file, without a line end", () => {
    expect(files["exports/abi-hash.txt"]).toBe(model.hash);
    expect(model.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
