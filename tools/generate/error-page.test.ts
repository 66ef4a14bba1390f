// The page of codes has a row for each, with what the header says is the cause and the remedy.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { modelOf } from "../header/text-model.ts";
import { foreignProject } from "./foreign-project.ts";
import { errorPage } from "./error-page.ts";

function page(text: string): string {
  const project = foreignProject("/t.h", []);
  const generated = { ...project.generated, errorPage: "errors.md" };
  return errorPage.emit(modelOf(text), { ...project, generated })[0]?.text ?? "";
}

it("splits a comment into cause and remedy", () => {
  const text = page("/* Too much of it. Remedy: send less. */\n#define T_STATUS_FULL 7\n");
  expect(text).toContain("| `T_STATUS_FULL` | 7 | Too much of it. | Send less. |");
});

it("takes what follows a colon for the remedy of a short comment, and shows codes of the wire in hexadecimal", () => {
  const text = page("#define T_CACHE_ERROR_MISS 0x30001 /* not cached: put it again */\n");
  expect(text).toContain("| `T_CACHE_ERROR_MISS` | 0x00030001 | Not cached. | Put it again. |");
});

it("is not written for a project that has no place for it", () => {
  expect(errorPage.emit(modelOf("#define T_STATUS_OK 0\n"), foreignProject("/t.h", []))).toEqual([]);
});

it("has a remedy for each code of this project that says what went wrong", () => {
  const rows =
    readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8").match(/^\| `.*$/gmu) ?? [];
  const without = rows.filter((row) => row.endsWith("|  |")).map((row) => row.split("`")[1] ?? row);
  expect(rows.length).toBeGreaterThan(40);
  expect(without.filter((name) => !/_STATUS_OK$|_FAMILY_/u.test(name))).toEqual([]);
});
