// The raw addon against arguments that no generated module would pass: a status or a typed error, never memory outside a buffer.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { beforeAll, expect, test } from "vitest";
import type { NativeAddon } from "../src/native/addon.g.ts";
import { NnrpStatus } from "../src/native/constants.g.ts";
import { layout } from "../src/native/layout.g.ts";
import { getSafeU64, memoryOf, type Memory } from "../src/native/memory.g.ts";
import { hostAddon } from "./host-addon.ts";

let addon: NativeAddon;
let memory: Memory;
let path = "";

beforeAll(() => {
  path = hostAddon();
  addon = createRequire(import.meta.url)(path) as NativeAddon;
  memory = memoryOf(addon.memory);
});

test("only the two entry points of Node-API are exported", () => {
  const symbols = execFileSync("nm", ["-D", "--defined-only", "--format=posix", path], { encoding: "utf8" });
  const names = symbols
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0]);
  expect(names.sort()).toEqual(["napi_register_module_v1", "node_api_module_get_api_version_v1"]);
});

test("calls that wait for events and calls that lend memory are not there", () => {
  expect(addon).not.toHaveProperty("queueWait");
  expect(addon).not.toHaveProperty("bufferBorrow");
});

test("a stale, random or zero handle is a status", () => {
  addon.queueCreate(16, 64);
  const queue = getSafeU64(memory, 64);
  expect(addon.queueClose(queue)).toBe(NnrpStatus.OK);
  for (const handle of [0, 1, queue, 12_345_678_901, 2 ** 52 + 7, Number.MAX_SAFE_INTEGER]) {
    expect(addon.queueDrain(handle, 32_768, 1, null, 0, 64), `drain of ${handle}`).not.toBe(NnrpStatus.OK);
    expect(addon.sessionCancel(handle, 1)).toBe(NnrpStatus.INVALID_HANDLE);
    expect(memory.u32[0]).toBe(NnrpStatus.INVALID_HANDLE);
    expect(addon.sessionSubmit(handle, 128, 1, null, 0, 256)).not.toBe(NnrpStatus.OK);
    expect(addon.connectionShutdown(handle)).toBeTypeOf("number");
  }
});

test.each([-1, 1.5, NaN, Infinity, 2 ** 53, -0.5, 1e300])("the handle %d is a RangeError", (handle) => {
  expect(() => addon.sessionCancel(handle, 1)).toThrow(RangeError);
  expect(() => addon.sessionCancel(handle, 1)).toThrow(/sessionCancel: session must be a whole number/);
});

test.each([-1, 2 ** 32, 0.5, NaN])("the frame id %d is a RangeError", (frame) => {
  expect(() => addon.sessionCancel(1, frame)).toThrow(RangeError);
});

test.each(["1", null, undefined, {}, Symbol("x"), 1n, true, [], () => 1])(
  "a handle of another type is a TypeError",
  (handle) => {
    expect(() => addon.sessionCancel(handle as number, 1)).toThrow(TypeError);
  },
);

test("a missing argument is a TypeError that counts", () => {
  expect(() => (addon.sessionCancel as (session: number) => number)(1)).toThrow(
    "sessionCancel takes 2 arguments, not 1",
  );
});

test("an offset that is negative, unaligned or too large for its items is refused", () => {
  const end = addon.memory.byteLength;
  const size = layout.NnrpEvent.size;
  for (const offset of [-8, 4, 7, 0.5, NaN, end + 8, 2 ** 40]) {
    expect(() => addon.queueDrain(1, offset, 1, null, 0, 64), `offset ${offset}`).toThrow(RangeError);
  }
  expect(() => addon.queueDrain(1, end - 8, 1, null, 0, 64)).toThrow(/do not fit/);
  expect(() => addon.queueDrain(1, 0, Math.floor(end / size) + 1, null, 0, 64)).toThrow(/do not fit/);
  expect(() => addon.queueDrain(1, 0, 2 ** 32 - 1, null, 0, 64)).toThrow(/do not fit/);
  expect(addon.queueDrain(1, end - size - ((end - size) % 8), 1, null, 0, 64)).toBeTypeOf("number");
});

test("bytes longer than their array or the memory are refused", () => {
  expect(() => addon.sessionSubmit(1, 128, 1, new Uint8Array(10), 11, 256)).toThrow(RangeError);
  expect(() => addon.sessionSubmit(1, 128, 1, 4096, addon.memory.byteLength, 256)).toThrow(RangeError);
  expect(() => addon.sessionSubmit(1, 128, 1, 4096, Number.MAX_SAFE_INTEGER, 256)).toThrow(RangeError);
  const detached = new Uint8Array(16);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  expect(() => addon.sessionSubmit(1, 128, 1, detached, 16, 256)).toThrow(RangeError);
  for (const wrong of [
    new Uint16Array(4),
    new DataView(new ArrayBuffer(8)),
    "bytes",
    new ArrayBuffer(8),
    {},
  ]) {
    expect(() => addon.sessionSubmit(1, 128, 1, wrong as unknown as Uint8Array, 1, 256)).toThrow(TypeError);
  }
});

test("null where the library wants memory is its status, with the number of the parameter", () => {
  expect(addon.queueCreate(16, null)).toBe(NnrpStatus.NULL_POINTER);
  expect(memory.u32[layout.NnrpError.offsets.detail >>> 2]).toBe(2);
  expect(addon.errorMessage(null, 512, 100, 64)).toBe(NnrpStatus.NULL_POINTER);
  expect(addon.listenerUri(1, null, 0, null)).not.toBe(NnrpStatus.OK);
});

test("a 64-bit value is exact as a bigint and refused outside its range", () => {
  addon.optionsCreate(64);
  const options = getSafeU64(memory, 64);
  expect(addon.optionsSetU64(options, 18, 2n ** 64n - 1n)).toBe(NnrpStatus.INVALID_OPTION);
  expect(addon.optionsSetU64(options, 18, 2n ** 32n - 1n)).toBe(NnrpStatus.OK);
  expect(() => addon.optionsSetU64(options, 18, 2n ** 64n)).toThrow(TypeError);
  expect(() => addon.optionsSetU64(options, 18, -1n)).toThrow(TypeError);
  expect(addon.release(options)).toBe(NnrpStatus.OK);
});

test("a queue of another environment cannot be woken from here", () => {
  expect(() => addon.queueSetWake(99, true)).toThrow(/not created by this environment/);
});

test("no random argument crashes any function", () => {
  const random = generator(0x5eed);
  const skipped = new Set(["listen", "keepAlive"]);
  const functions = Object.entries(addon).filter(
    ([name, value]) => typeof value === "function" && !skipped.has(name),
  );
  const outcomes = { status: 0, refused: 0 };
  for (let round = 0; round < 20_000; round += 1) {
    const [, call] = functions[round % functions.length] as [string, (...values: unknown[]) => unknown];
    try {
      call(...Array.from({ length: 6 }, () => randomArgument(random)));
      outcomes.status += 1;
    } catch (error) {
      expect(error instanceof TypeError || error instanceof RangeError || error instanceof Error).toBe(true);
      outcomes.refused += 1;
    }
  }
  expect(outcomes.status).toBeGreaterThan(1000);
  expect(outcomes.refused).toBeGreaterThan(1000);
});

function randomArgument(random: () => number): unknown {
  const values = [
    () => Math.floor(random() * 4096) * 8,
    () => Math.floor(random() * 2 ** 32),
    () => Math.floor(random() * 2 ** 53),
    () => Math.floor(random() * 64),
    () => -random() * 100,
    () => new Uint8Array(Math.floor(random() * 100)),
    () => null,
    () => BigInt(Math.floor(random() * 2 ** 53)),
    () => 0,
    () => "text",
  ];
  return values[Math.floor(random() * values.length)]?.();
}

/** mulberry32: the same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
