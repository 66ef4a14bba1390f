// Four ways to call the same functions of the same library: by hand, our addon, koffi, ffi-rs.
import { createRequire } from "node:module";
import { DataType, load, open } from "ffi-rs";
import koffi from "koffi";
import type { NativeAddon } from "../src/native/addon.g.ts";
import { NnrpOption } from "../src/native/constants.g.ts";
import { layout } from "../src/native/layout.g.ts";
import { memoryOf } from "../src/native/memory.g.ts";
import { packNnrpSubmit } from "../src/native/packers.g.ts";
import type { BenchFiles } from "./bench-library.ts";

/** One C function, called once by each way. */
export interface Calls {
  readonly abiVersion: () => unknown;
  readonly optionsSetU64: () => unknown;
  readonly queueDrain: () => unknown;
  readonly sessionSubmit: () => unknown;
}

/** Handles that all ways use. */
interface Handles {
  readonly options: number;
  readonly queue: number;
  /** Of no session: the call crosses with all its arguments and comes back at once. */
  readonly session: number;
}

type DirectAddon = Record<keyof Calls, (...values: number[]) => number>;

const require_ = createRequire(import.meta.url);
const batch = 64;
const arenaBytes = 4096;

/** The ways by name; the hand-written one, the floor, first. */
export function waysToCall(files: BenchFiles): ReadonlyMap<string, Calls> {
  const addon = require_(files.addon) as NativeAddon;
  const handles = makeHandles(addon);
  return new Map([
    ["hand-written Node-API", direct(require_(files.direct) as DirectAddon, handles)],
    ["this addon", ours(addon, handles)],
    ["koffi", withKoffi(files.library, handles)],
    ["ffi-rs", withFfiRs(files.library, handles)],
  ]);
}

function makeHandles(addon: NativeAddon): Handles {
  const out = new BigUint64Array(addon.memory, 64, 1);
  packNnrpSubmit(memoryOf(addon.memory), 128, {});
  addon.optionsCreate(64);
  const options = Number(out[0]);
  addon.queueCreate(batch, 64);
  return { options, queue: Number(out[0]), session: 2 ** 50 + 1 };
}

function direct(addon: DirectAddon, { options, queue, session }: Handles): Calls {
  return {
    abiVersion: () => addon.abiVersion(),
    optionsSetU64: () => addon.optionsSetU64(options, NnrpOption.MAX_IN_FLIGHT, 16),
    queueDrain: () => addon.queueDrain(queue, batch),
    sessionSubmit: () => addon.sessionSubmit(session, 1),
  };
}

function ours(addon: NativeAddon, { options, queue, session }: Handles): Calls {
  return {
    abiVersion: () => addon.abiVersion(),
    optionsSetU64: () => addon.optionsSetU64(options, NnrpOption.MAX_IN_FLIGHT, 16),
    queueDrain: () => addon.queueDrain(queue, 32_768, batch, 131_072, arenaBytes, 64),
    sessionSubmit: () => addon.sessionSubmit(session, 128, 1, 4096, arenaBytes, 256),
  };
}

function packed(): {
  error: Buffer;
  events: Buffer;
  arena: Buffer;
  count: Buffer;
  submit: Buffer;
  out: Buffer;
} {
  const submit = Buffer.alloc(layout.NnrpSubmit.size);
  submit.writeUInt32LE(layout.NnrpSubmit.size, layout.NnrpSubmit.offsets.structSize);
  return {
    error: Buffer.alloc(layout.NnrpError.size),
    events: Buffer.alloc(layout.NnrpEvent.size * batch),
    arena: Buffer.alloc(arenaBytes),
    count: Buffer.alloc(8),
    submit,
    out: Buffer.alloc(layout.NnrpBatch.size),
  };
}

function withKoffi(path: string, { options, queue, session }: Handles): Calls {
  const library = koffi.load(path);
  const { error, events, arena, count, submit, out } = packed();
  const abiVersion = library.func("uint32_t nnrp_abi_version()");
  const set = library.func("uint32_t nnrp_options_set_u64(uint64_t, uint32_t, uint64_t, void *)");
  const drain = library.func("uint32_t nnrp_queue_drain(uint64_t, void *, uint32_t, void *, size_t, void *)");
  const send = library.func(
    "uint32_t nnrp_session_submit(uint64_t, void *, uint32_t, void *, size_t, void *)",
  );
  return {
    abiVersion: () => abiVersion() as unknown,
    optionsSetU64: () => set(options, NnrpOption.MAX_IN_FLIGHT, 16, error) as unknown,
    queueDrain: () => drain(queue, events, batch, arena, arenaBytes, count) as unknown,
    sessionSubmit: () => send(session, submit, 1, arena, arenaBytes, out) as unknown,
  };
}

function withFfiRs(path: string, { options, queue, session }: Handles): Calls {
  open({ library: "nnrp", path });
  const { error, events, arena, count, submit, out } = packed();
  const { U32, U64, U8Array } = DataType;
  const function_ = (funcName: string, paramsType: DataType[], paramsValue: unknown[]) => () =>
    load({ library: "nnrp", funcName, retType: U32, paramsType, paramsValue }) as unknown;
  const sixTypes = [U64, U8Array, U32, U8Array, U64, U8Array];
  return {
    abiVersion: function_("nnrp_abi_version", [], []),
    optionsSetU64: function_(
      "nnrp_options_set_u64",
      [U64, U32, U64, U8Array],
      [options, NnrpOption.MAX_IN_FLIGHT, 16, error],
    ),
    queueDrain: function_("nnrp_queue_drain", sixTypes, [queue, events, batch, arena, arenaBytes, count]),
    sessionSubmit: function_("nnrp_session_submit", sixTypes, [session, submit, 1, arena, arenaBytes, out]),
  };
}
