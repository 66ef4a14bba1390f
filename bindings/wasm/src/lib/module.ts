// The one instance of the module: how it is loaded, and how bytes get into it and out of it.
import { bytesArgument } from "./arguments.ts";
import { NnrpUsageError, errorFromJson } from "./errors.ts";

/** Where the module's bytes come from. */
export type WasmBytes = ArrayBuffer | ArrayBufferView;

/** What the module exports; numbers of 64 bits are BigInt. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  nnrp_wasm_protocol_major(): number;
  nnrp_wasm_wire_format(): number;
  nnrp_wasm_input(slot: number, length: number): number;
  nnrp_wasm_output(): number;
  nnrp_wasm_output_length(): number;
  nnrp_wasm_select_transport_with_probe(): number;
  nnrp_wasm_score_provider_probe(): number;
  nnrp_wasm_check_packet(): number;
  nnrp_wasm_check_stream(): number;
  nnrp_wasm_decode_lines(): number;
  nnrp_wasm_client_new(now: bigint): number;
  nnrp_wasm_client_free(client: number): number;
  nnrp_wasm_client_receive(client: number, now: bigint): number;
  nnrp_wasm_client_transport_ended(client: number, clean: number, now: bigint): number;
  nnrp_wasm_client_transmit(client: number): number;
  nnrp_wasm_client_events(client: number, now: bigint): number;
  nnrp_wasm_client_deadline(client: number): bigint;
  nnrp_wasm_client_tick(client: number, now: bigint): number;
  nnrp_wasm_client_state(client: number): number;
  nnrp_wasm_client_in_flight(client: number, session: number): number;
  nnrp_wasm_client_command(client: number, now: bigint): number;
  nnrp_wasm_client_resume(client: number, resumable: number, now: bigint): number;
  nnrp_wasm_client_detach(client: number, session: number): number;
  nnrp_wasm_resumable_describe(resumable: number): number;
  nnrp_wasm_resumable_cancel(resumable: number, frame: number): number;
  nnrp_wasm_resumable_free(resumable: number): number;
}

let loaded: Exports | undefined;
let loading: Promise<void> | undefined;
let memory = new Uint8Array(0);

/**
 * Loads the module; without an argument from the file beside this package's. To call it again without an argument
 * does no harm, to load a second module is refused with the code "AlreadyInitialized".
 */
export function init(source?: string | URL | WasmBytes): Promise<void> {
  if (source !== undefined && (loaded ?? loading) !== undefined) return Promise.reject(alreadyLoaded());
  loading ??= load(source ?? new URL("../nnrp_wasm.wasm", import.meta.url)).catch((cause: unknown) => {
    // What failed may be tried again.
    loading = undefined;
    throw cause;
  });
  return loading;
}

/** Loads the module from its bytes, or compiled, at once. Browsers allow that for small modules and in workers. */
export function initSync(source: WasmBytes | WebAssembly.Module): void {
  if ((loaded ?? loading) !== undefined) throw alreadyLoaded();
  const compiled =
    source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source as BufferSource);
  use(new WebAssembly.Instance(compiled, {}));
}

/** The module; fails with the code "NotInitialized" before it is loaded. */
export function wasm(): Exports {
  if (loaded !== undefined) return loaded;
  throw new NnrpUsageError(
    "NotInitialized",
    "the module is not loaded: await init() first, or call initSync()",
  );
}

/** Writes an argument of the next call. */
export function setInput(slot: number, bytes: Uint8Array): void {
  const at = wasm().nnrp_wasm_input(slot, bytesArgument(bytes).length) >>> 0;
  if (at === 0) {
    const words = `an argument of ${bytes.length} bytes is longer than the module takes, or than there is memory`;
    throw new NnrpUsageError("ArgumentTooLong", words, { actual: bytes.length });
  }
  memoryOf(wasm()).set(bytes, at);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function setText(slot: number, text: string): void {
  setInput(slot, encoder.encode(text));
}

/** A copy of what the latest call has left. */
export function output(): Uint8Array<ArrayBuffer> {
  const at = wasm().nnrp_wasm_output() >>> 0;
  const length = wasm().nnrp_wasm_output_length() >>> 0;
  return memoryOf(wasm()).slice(at, at + length);
}

export function outputText(): string {
  return decoder.decode(output());
}

/** The result of a call that answers 0 when it fails. */
export function succeeded(result: number): number {
  if (result === 0) throw errorFromJson(outputText());
  return result >>> 0;
}

/** The view is made anew when the memory has grown, because that takes the old one away. */
function memoryOf(exports: Exports): Uint8Array<ArrayBuffer> {
  if (memory.buffer !== exports.memory.buffer) memory = new Uint8Array(exports.memory.buffer);
  return memory;
}

function use(instance: WebAssembly.Instance): void {
  loaded = instance.exports as unknown as Exports;
}

async function load(source: string | URL | WasmBytes): Promise<void> {
  if (typeof source === "string" || source instanceof URL) use(await fetched(new URL(source, baseUrl())));
  else use((await WebAssembly.instantiate(source as BufferSource, {})).instance);
}

function baseUrl(): string {
  return typeof location === "undefined" ? import.meta.url : location.href;
}

async function fetched(url: URL): Promise<WebAssembly.Instance> {
  const fromDisk = url.protocol === "file:" ? nodeFile(url) : undefined;
  if (fromDisk !== undefined) return (await WebAssembly.instantiate(fromDisk, {})).instance;
  const response = await fetch(url);
  if (!response.ok) throw notFetched(url, `the answer is ${response.status} ${response.statusText}`.trim());
  // Only what a server calls by its type is compiled while it arrives.
  const streams = response.headers.get("Content-Type")?.startsWith("application/wasm") === true;
  if (streams) return (await WebAssembly.instantiateStreaming(response, {})).instance;
  return (await WebAssembly.instantiate(await response.arrayBuffer(), {})).instance;
}

interface FileSystem {
  readFileSync(url: URL): Uint8Array<ArrayBuffer>;
}

/** Node fetches no files; what it reads them with is not imported, so that bundlers for browsers never see it. */
function nodeFile(url: URL): Uint8Array<ArrayBuffer> | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => FileSystem | undefined } };
  return host.process?.getBuiltinModule?.("node:fs")?.readFileSync(url);
}

function notFetched(url: URL, why: string): NnrpUsageError {
  const words = `${url.href} cannot be loaded: ${why}; serve nnrp_wasm.wasm there, or give init() its URL or bytes`;
  return new NnrpUsageError("LoadFailed", words);
}

function alreadyLoaded(): NnrpUsageError {
  return new NnrpUsageError(
    "AlreadyInitialized",
    "the module is loaded already, and there is one in a realm",
  );
}
