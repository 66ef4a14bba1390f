// One loaded addon: its functions and the plan of the memory that is shared with it.
import type { NativeAddon } from "./native/addon.g.ts";
import { getSafeU64, memoryOf, type Memory } from "./native/memory.g.ts";

/** Byte offsets in the pinned memory. */
export interface MemoryPlan {
  /** The error struct of the last failing call. */
  readonly error: number;
  /** One scalar that a call writes. */
  readonly out: number;
  /** One struct that a call reads. */
  readonly input: number;
  /** What became of a batch. */
  readonly batch: number;
  /** Text both ways. */
  readonly text: number;
  readonly textSize: number;
  /** Small bodies on their way out. */
  readonly body: number;
  readonly bodySize: number;
  /** Drained events. */
  readonly events: number;
  readonly eventCapacity: number;
  /** Bodies of drained events; larger ones come through a buffer handle. */
  readonly arena: number;
  readonly arenaSize: number;
}

const plan: MemoryPlan = {
  error: 0,
  out: 64,
  input: 128,
  batch: 256,
  text: 512,
  textSize: 4096 - 512,
  body: 4096,
  bodySize: 16384,
  events: 32768,
  eventCapacity: 256,
  arena: 131_072,
  arenaSize: 262_144,
};

export class Library {
  readonly addon: NativeAddon;
  readonly memory: Memory;
  readonly plan = plan;
  /** The file it was loaded from. */
  readonly path: string;

  constructor(addon: NativeAddon, path: string) {
    const needed = plan.arena + plan.arenaSize;
    if (addon.memory.byteLength < needed) {
      throw new RangeError(`${path}: ${addon.memory.byteLength} bytes of shared memory, ${needed} needed`);
    }
    this.addon = addon;
    this.memory = memoryOf(addon.memory);
    this.path = path;
  }

  /** The handle or size that the last call wrote to `plan.out`. */
  outNumber(): number {
    return getSafeU64(this.memory, plan.out);
  }

  /** Text that a call wrote to `plan.text`. */
  text(size: number): string {
    return Buffer.from(this.addon.memory, plan.text, size).toString("utf8");
  }

  /** Places UTF-8 text where a call can read it: at `plan.text` if it fits, else in memory of its own. */
  putText(text: string): { readonly bytes: number | Uint8Array; readonly size: number } {
    const encoded = Buffer.from(text, "utf8");
    if (encoded.byteLength > plan.textSize) return { bytes: encoded, size: encoded.byteLength };
    this.memory.u8.set(encoded, plan.text);
    return { bytes: plan.text, size: encoded.byteLength };
  }

  /** Places a body where a call can read it. Copying a small one is cheaper than borrowing it. */
  putBody(body: Uint8Array): number | Uint8Array | null {
    if (body.byteLength === 0) return null;
    if (body.byteLength > plan.bodySize) return body;
    this.memory.u8.set(body, plan.body);
    return plan.body;
  }
}
