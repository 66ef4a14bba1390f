// Packers and views of the generated module: what is written is read back, what does not fit is refused.
import { expect, test } from "vitest";
import { layout } from "../src/native/layout.g.ts";
import { getSafeU64, getU32, getU64, memoryOf, putU64 } from "../src/native/memory.g.ts";
import { packNnrpFlowUpdate, packNnrpResult, packNnrpSubmit } from "../src/native/packers.g.ts";
import { NnrpEventView } from "../src/native/views.g.ts";

const memory = memoryOf(new ArrayBuffer(1024));

test("a struct says its own size and absent fields are zero, whatever stood there", () => {
  memory.u8.fill(0xff);
  packNnrpSubmit(memory, 64, { bodySize: 5, traceId: 2n ** 64n - 1n });
  const { size, offsets } = layout.NnrpSubmit;
  expect(getU32(memory, 64 + offsets.structSize)).toBe(size);
  expect(getU64(memory, 64 + offsets.traceId)).toBe(2n ** 64n - 1n);
  expect(getSafeU64(memory, 64 + offsets.bodySize)).toBe(5);
  expect(getSafeU64(memory, 64 + offsets.bodyOffset)).toBe(0);
  expect(getU32(memory, 64 + offsets.reserved0)).toBe(0);
  expect(memory.u8[63]).toBe(0xff);
  expect(memory.u8[64 + size]).toBe(0xff);
});

test.each([0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])(
  "the number %d survives 64 bits",
  (value) => {
    putU64(memory, 8, "value", value);
    expect(getSafeU64(memory, 8)).toBe(value);
    expect(getU64(memory, 8)).toBe(BigInt(value));
  },
);

test.each([-1, 1.5, NaN, 2 ** 32, Infinity])(
  "%d in a 32-bit field is a RangeError that names the field",
  (value) => {
    expect(() => packNnrpResult(memory, 0, { statusCode: value })).toThrow(RangeError);
    expect(() => packNnrpFlowUpdate(memory, 0, { credit: value })).toThrow(/credit must be a whole number/);
  },
);

test.each([-1n, 2n ** 64n, -1, 2 ** 53, 0.5])("%s in a 64-bit field is a RangeError", (value) => {
  expect(() => packNnrpSubmit(memory, 0, { traceId: value })).toThrow(RangeError);
});

test("a view reads each field where the layout puts it", () => {
  const event = new NnrpEventView(memory).at(512);
  const { offsets, size } = layout.NnrpEvent;
  for (let index = 0; index < size; index += 1) memory.u8[512 + index] = index & 0x1f;
  const bytesAt = (offset: number, width: number): number =>
    Array.from({ length: width }, (_byte, index) => ((offset + index) & 0x1f) * 2 ** (8 * index)).reduce(
      (sum, part) => sum + part,
    );
  expect(event.kind).toBe(bytesAt(offsets.kind, 4));
  expect(event.viewId).toBe(bytesAt(offsets.viewId, 2));
  expect(event.routeId).toBe(bytesAt(offsets.routeId, 2));
  expect(event.closeReason).toBe(bytesAt(offsets.closeReason, 4));
  expect(event.traceId & 0xffff_ffffn).toBe(BigInt(bytesAt(offsets.traceId, 4)));
});
