// What a run may claim, for the target and for each of its libraries.
import { expect, test } from "vitest";
import { libraryClaims, strongestClaim, type SmokeRun } from "./verification.ts";

function run(client: SmokeRun["client"], claim: SmokeRun["claim"], ok: boolean): SmokeRun {
  const facts = {
    runner: "native",
    argv: [],
    exitCode: ok ? 0 : 1,
    timedOut: false,
    durationMs: 1,
    passed: 1,
    failed: 0,
  };
  return { client, claim, ok, library: null, ...facts };
}

test("a library that no client has loaded is structural, whatever the others did", () => {
  const claims = libraryClaims(["dynamic", "static", "addon"], [run("c-static", "executed", true)]);
  expect(claims).toEqual([
    { kind: "dynamic", claim: "structural" },
    { kind: "static", claim: "executed" },
    { kind: "addon", claim: "structural" },
  ]);
});

test("a failed run claims nothing", () => {
  expect(strongestClaim([run("c-dynamic", "executed", false), run("node", "emulated", true)])).toBe(
    "emulated",
  );
});
