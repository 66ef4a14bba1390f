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

  it("starts the next job when one moves on, and lets no more move on than it runs", async () => {
    let underWay = 0;
    let moved = 0;
    const most = { underWay: 0, moved: 0 };
    const ended: number[] = [];
    await runPool(
      [1, 2, 3, 4, 5, 6, 7],
      2,
      async (item, moveOn) => {
        underWay += 1;
        most.underWay = Math.max(most.underWay, underWay);
        await moveOn();
        moved += 1;
        most.moved = Math.max(most.moved, moved);
        await new Promise((resolve) => setTimeout(resolve, 5));
        moved -= 1;
        underWay -= 1;
        ended.push(item);
      },
      () => false,
    );
    expect(most).toEqual({ underWay: 4, moved: 2 });
    expect(ended.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("does not wait with the second job until the first, which has moved on, has ended", async () => {
    let secondStarted: () => void = () => undefined;
    const second = new Promise<void>((resolve) => (secondStarted = resolve));
    await runPool(
      ["first", "second"],
      1,
      async (item, moveOn) => {
        if (item === "second") {
          secondStarted();
          return;
        }
        await moveOn();
        await second;
      },
      () => false,
    );
  });

  it("gives back the place of a job that fails, and fails with it", async () => {
    const ended: number[] = [];
    const run = runPool(
      [1, 2, 3],
      1,
      async (item, moveOn) => {
        await moveOn();
        if (item === 1) throw new Error("the first one");
        ended.push(item);
      },
      () => false,
    );
    await expect(run).rejects.toThrow("the first one");
    await expect.poll(() => ended, { timeout: 60_000 }).toEqual([2, 3]);
  });
});
