// The pool: a limit on what runs at a time, and an end to starting when told so.
import { describe, expect, it } from "vitest";
import { runPool } from "./worker-pool.ts";

describe("runPool", () => {
  it("runs everything, never more than the limit at a time", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await runPool(
      [1, 2, 3, 4, 5],
      2,
      async (item) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        done.push(item);
      },
      () => false,
    );
    expect(most).toBe(2);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it("starts nothing after it was stopped", async () => {
    const started: number[] = [];
    await runPool(
      [1, 2, 3],
      1,
      (item) => Promise.resolve(void started.push(item)),
      () => started.length === 2,
    );
    expect(started).toEqual([1, 2]);
  });
});
