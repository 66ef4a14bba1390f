// Selection of targets: what a command line means, and what a mistyped name gets.
import { describe, expect, it } from "vitest";
import { ToolError } from "../shared/errors.ts";
import { selectTargets, type Selection } from "./select.ts";
import { targets } from "./targets.ts";

const host = "x86_64-unknown-linux-gnu";
const nothing: Selection = { all: false, targets: [], families: [] };

function select(selection: Partial<Selection>): { triples: string[]; askedFor: boolean } {
  const { targets: chosen, askedFor } = selectTargets({ ...nothing, ...selection }, targets, host);
  return { triples: chosen.map(({ triple }) => triple), askedFor };
}

function failure(selection: Partial<Selection>): ToolError {
  try {
    select(selection);
  } catch (error) {
    if (error instanceof ToolError) return error;
  }
  throw new Error("no ToolError");
}

describe("selectTargets", () => {
  it("takes the whole table, host first, when nothing is named, and asks for nothing", () => {
    const { triples, askedFor } = select({});
    expect(triples).toHaveLength(targets.length);
    expect(triples[0]).toBe(host);
    expect(askedFor).toBe(false);
  });

  it("puts the host first although the table has it elsewhere", () => {
    const chosen = selectTargets(nothing, targets, "aarch64-apple-darwin").targets;
    expect(chosen[0]?.triple).toBe("aarch64-apple-darwin");
    expect(chosen).toHaveLength(targets.length);
  });

  it("asks for everything with --all", () => {
    expect(select({ all: true })).toMatchObject({ askedFor: true });
    expect(select({ all: true }).triples).toHaveLength(targets.length);
  });

  it("knows the host by the word host", () => {
    expect(select({ targets: ["host"] })).toEqual({ triples: [host], askedFor: true });
  });

  it("joins targets and families without taking one twice", () => {
    const { triples } = select({ targets: [host], families: ["linux-gnu"] });
    expect(triples).toHaveLength(new Set(triples).size);
    expect(triples).toContain("aarch64-unknown-linux-gnu");
  });

  it("answers a mistyped triple with the nearest ones and exit code 2", () => {
    const error = failure({ targets: ["x86_64-unknown-linux-gn"] });
    expect(error).toMatchObject({ code: "unknown-target", exitCode: 2 });
    expect(error.remedy).toContain("x86_64-unknown-linux-gnu");
  });

  it("answers a mistyped family with the nearest ones", () => {
    expect(failure({ families: ["androit"] }).remedy).toBe("did you mean android?");
  });

  it("lists all families when none is near", () => {
    expect(failure({ families: ["amiga-workbench-classic"] }).remedy).toMatch(/^one of: linux-gnu, /);
  });
});
