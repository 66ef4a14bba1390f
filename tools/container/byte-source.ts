// Bytes that can be read at any place: a file on disk, or a member that is in memory already.
import { open } from "node:fs/promises";
import { MalformedFile } from "../inspect/cursor.ts";
import { Unreadable } from "./stored-entry.ts";

export interface ByteSource {
  /** The name for errors: "a.whl!inner.zip". */
  readonly path: string;
  readonly length: number;
  /** Exactly `length` bytes; a range outside the source is a MalformedFile. */
  read(offset: number, length: number, what: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function fileSource(path: string, shownAs = path): Promise<ByteSource> {
  const handle = await open(path, "r");
  const { size } = await handle.stat();
  const readExactly = async (offset: number, length: number, what: string): Promise<Uint8Array> => {
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    if (bytesRead !== length) throw new MalformedFile(shownAs, offset, `${what}: the file became shorter`);
    return bytes;
  };
  let window: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };
  return {
    path: shownAs,
    length: size,
    async read(offset, length, what) {
      refuseOutside(shownAs, size, offset, length, what);
      if (length > windowBytes) return await readExactly(offset, length, what);
      const isInside = offset >= window.start && offset + length <= window.start + window.bytes.length;
      if (!isInside)
        window = {
          start: offset,
          bytes: await readExactly(offset, Math.min(windowBytes, size - offset), what),
        };
      // A copy: a kept member must not keep the whole window.
      return new Uint8Array(window.bytes.subarray(offset - window.start, offset - window.start + length));
    },
    close: () => handle.close(),
  };
}

/** Read at once, since small members and their headers stand one behind the other. */
const windowBytes = 2 ** 16;

export function bytesSource(path: string, bytes: Uint8Array): ByteSource {
  return {
    path,
    length: bytes.length,
    read(offset, length, what) {
      refuseOutside(path, bytes.length, offset, length, what);
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
    close: () => Promise.resolve(),
  };
}

/** The source piece by piece, for readers that go from its start to its end. */
export async function* chunksOf(
  source: ByteSource,
  from = 0,
  to = source.length,
): AsyncGenerator<Uint8Array, void, void> {
  for (let at = from; at < to; at += chunkBytes)
    yield await source.read(at, Math.min(chunkBytes, to - at), "content");
}

const chunkBytes = 2 ** 20;

/** A member that a limit forbids to be held in memory. */
export function refuseLarge(bytes: number, limit: number, offset: number, name: string): void {
  if (bytes > limit)
    throw new Unreadable("too-large", offset, `${name}: ${bytes} bytes, ${limit} are the limit`);
}

function refuseOutside(path: string, size: number, offset: number, length: number, what: string): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= size) return;
  const at = Math.max(0, Math.min(offset, size));
  throw new MalformedFile(
    path,
    Number.isSafeInteger(at) ? at : 0,
    `${what} wants ${length} bytes at 0x${offset.toString(16)}, but the file has ${size}`,
  );
}
