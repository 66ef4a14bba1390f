// The whole command on a small crate: what is unchanged is not run again, what changed is, and nothing else.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostTriple, thisHost } from "../matrix/host.ts";
import type { ProgressEvent, Step } from "../shared/progress.ts";
import { tinyCheckout, type TinyCheckout } from "./tiny-checkout.ts";

const limitMs = 600_000;
let folder: string;
let tiny: TinyCheckout;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuse-"));
  tiny = tinyCheckout(join(folder, "checkout"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The steps that were run, and those whose result was found. */
function run(): { ran: Step[]; found: Step[] } {
  const { code, stdout, stderr } = tiny.matrix([
    "--target",
    "host",
    "--until",
    "package",
    "--profile",
    "quick",
    "--json",
  ]);
  expect(code, stdout + stderr).toBe(0);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ProgressEvent);
  const ended = events.flatMap((event) => (event.type === "step-finished" ? [event] : []));
  const steps = (reused: boolean): Step[] =>
    ended.filter((event) => event.reused === reused).map(({ step }) => step);
  return { ran: steps(false).filter((step) => step !== "prepare"), found: steps(true) };
}

const all: readonly Step[] = ["build", "inspect", "verify", "package"];

/** The steps that run after a change, in order. */
function afterChange(change: () => void): Step[] {
  change();
  const { ran, found } = run();
  expect([...ran, ...found].sort()).toEqual([...all].sort());
  expect(run().found).toEqual(all);
  return ran;
}

function output(...names: readonly string[]): string {
  return join(tiny.root, "artifacts", ...names);
}

describe("a run on a checkout that was built", { timeout: limitMs }, () => {
  it("runs no stage", () => {
    expect(run().ran).toEqual(all);
    expect(run()).toEqual({ ran: [], found: all });
  });

  it("inspects again when the facts are gone", () => {
    expect(afterChange(() => rmSync(output(hostTriple(thisHost()), "facts.json")))).toEqual(["inspect"]);
  });

  it("verifies again when somebody has edited the findings", () => {
    const file = output(hostTriple(thisHost()), "findings.json");
    expect(afterChange(() => writeFileSync(file, "[ ]\n"))).toEqual(["verify"]);
  });

  it("packs again when a package was changed", () => {
    const name = readdirSync(output("packages")).find((file) => file.endsWith(".tar.gz")) ?? "";
    const before = readFileSync(output("packages", name));
    expect(afterChange(() => writeFileSync(output("packages", name), "cut off"))).toEqual(["package"]);
    expect(readFileSync(output("packages", name)).equals(before)).toBe(true);
  });

  // The crate's folder is the whole project here, so that cargo is asked too; its answer is the same library.
  it("packs again when the licence changed, and judges nothing again", () => {
    const ran = afterChange(() => tiny.change("LICENSE", (text) => `${text}more\n`));
    expect(ran).toEqual(["build", "package"]);
  });

  it("verifies and packs again when the ABI model changed", () => {
    const edit = (text: string): string => text.replace('"hash":"0', '"hash":"1');
    expect(afterChange(() => tiny.change("abi.json", edit))).toEqual(["build", "verify", "package"]);
  });

  it("does everything again when the library has other code", () => {
    const edit = (text: string): string =>
      text.replace("unwrap_or(-1", "unwrap_or(-2").replace("map_or(-1", "map_or(-3");
    expect(afterChange(() => tiny.change("src/lib.rs", edit))).toEqual(all);
  });

  it("builds again when a library was changed behind its back, and finds that it is what it was", () => {
    const directory = output(hostTriple(thisHost()));
    const library = readdirSync(directory).find((file) => file.endsWith(".a")) ?? "";
    expect(afterChange(() => writeFileSync(join(directory, library), "damaged"))).toEqual(["build"]);
  });
});
