// A row of the table is one entry: nothing else of the tools names its triple.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { targets } from "./targets.ts";

const tools = join(import.meta.dirname, "..");
const stages = ["matrix", "progress", "toolchain", "build", "verify", "package", "pipeline", "report"];
const added = "riscv64gc-unknown-linux-gnu";

function sourcesNaming(word: string): string[] {
  return stages.flatMap((stage) =>
    readdirSync(join(tools, stage), { recursive: true, encoding: "utf8" })
      .map((name) => `${stage}/${name}`)
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.includes("/mutation/"))
      .filter((name) => readFileSync(join(tools, name), "utf8").includes(word)),
  );
}

describe("a new row", () => {
  it("is one line in one file of the stages", () => {
    expect(targets.some(({ triple }) => triple === added)).toBe(true);
    expect(sourcesNaming("riscv64")).toEqual(["matrix/targets.ts"]);
    const lines = readFileSync(join(tools, "matrix/targets.ts"), "utf8").split("\n");
    expect(lines.filter((line) => line.includes("riscv64"))).toHaveLength(1);
  });
});
