// The list of traps names gates that there are, and each gate answers to a trap or stands on its own for a reason.
import { expect, test } from "vitest";
import { gates } from "./gates.ts";
import { packageGates } from "./package-gates.ts";
import { trapGroups } from "./traps.ts";

const known = new Set([...gates, ...packageGates].map(({ id }) => id));
const traps = trapGroups.flatMap((group) => group.traps);

test("every gate that a trap names is one", () => {
  expect(traps.flatMap((trap) => trap.gates).filter((id) => !known.has(id))).toEqual([]);
});

test("a trap that no gate sees says why", () => {
  expect(traps.filter(({ gates: ids, because = "" }) => ids.length === 0 && because === "")).toEqual([]);
});

test("no trap is told twice, and all 65 are there", () => {
  expect(new Set(traps.map(({ name }) => name)).size).toBe(traps.length);
  expect(traps).toHaveLength(65);
});
