// The command line: what it accepts, and how it refuses the rest.
import { describe, expect, it } from "vitest";
import { ToolError } from "../shared/errors.ts";
import { parseOptions, type MatrixOptions } from "./options.ts";

function options(...args: string[]): MatrixOptions {
  const parsed = parseOptions(args);
  if (parsed.kind !== "run") throw new Error("help");
  return parsed.options;
}

function refusal(...args: string[]): ToolError {
  try {
    parseOptions(args);
  } catch (error) {
    if (error instanceof ToolError) return error;
  }
  throw new Error(`${args.join(" ")} was accepted`);
}

describe("parseOptions", () => {
  it("of nothing selects everything and asks for nothing", () => {
    expect(options()).toMatchObject({
      selection: { all: false, targets: [], families: [] },
      dryRun: false,
      keepGoing: false,
      forbidSkips: false,
      offline: false,
      provision: undefined,
      profile: "release",
    });
    expect(options()).toMatchObject({ jobs: undefined, memory: undefined, until: "smoke" });
  });

  it("lets the Rust std come from anywhere, or from one place alone", () => {
    expect(options().std).toBe("auto");
    expect(options("--std", "build").std).toBe("build");
    expect(refusal("--std", "download")).toMatchObject({ family: "usage", exitCode: 2 });
  });

  it("collects targets and families", () => {
    const { selection } = options("--target", "host", "--target", "b", "--family", "android", "--all");
    expect(selection).toEqual({ all: true, targets: ["host", "b"], families: ["android"] });
  });

  it("starts each command line with empty lists", () => {
    options("--target", "a");
    expect(options().selection.targets).toEqual([]);
  });

  it.each([
    ["512M", 512 * 2 ** 20],
    ["1.5G", 1.5 * 2 ** 30],
    ["2GiB", 2 ** 31],
  ])("reads %s of memory as %i bytes", (text, bytes) => expect(options("--memory", text).memory).toBe(bytes));

  it("refuses an unknown option with the nearest ones and exit code 2", () => {
    const error = refusal("--keepgoing");
    expect(error).toMatchObject({ code: "unknown-option", exitCode: 2 });
    expect(error.remedy).toBe("did you mean --keep-going?");
  });

  it.each([
    ["--jobs", "0"],
    ["--jobs", "many"],
    ["--memory", "much"],
    ["--memory", "0G"],
    ["--until", "report"],
    ["--output", ""],
    ["--profile", "fast"],
    ["--provision", "world"],
    ["--target"],
    ["stray"],
  ])("refuses %s %s with exit code 2", (...args) => {
    expect(refusal(...args).exitCode).toBe(2);
  });

  it("answers --help with every option, the exit codes and examples", () => {
    const parsed = parseOptions(["--help"]);
    if (parsed.kind !== "help") throw new Error("no help");
    for (const word of [
      "--all",
      "--target",
      "--family",
      "--dry-run",
      "--json",
      "--jobs",
      "--keep-going",
      "--offline",
    ])
      expect(parsed.text).toContain(word);
    expect(parsed.text).toMatch(/Exit status:\n {2}0 /);
    expect(parsed.text).toContain("--provision");
  });
});
