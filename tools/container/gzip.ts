// Unpacks gzip streams, stopping where they unpack to more than an honest file would.
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { MalformedFile } from "../inspect/cursor.ts";
import { chunksOf, type ByteSource } from "./byte-source.ts";
import { isBomb, type Limits } from "./limits.ts";
import { Unreadable } from "./stored-entry.ts";

/** The unpacked bytes, chunk by chunk. Throws MalformedFile for damage and Unreadable for a bomb. */
export async function* gunzip(source: ByteSource, limits: Limits): AsyncGenerator<Uint8Array, void, void> {
  const unpacking = createGunzip();
  const packed = Readable.from(chunksOf(source));
  packed.on("error", (error) => unpacking.destroy(error));
  packed.pipe(unpacking);
  let unpacked = 0;
  try {
    for await (const chunk of unpacking as AsyncIterable<Uint8Array>) {
      unpacked += chunk.length;
      if (unpacked > limits.totalBytes || isBomb(limits, source.length, unpacked))
        throw new Unreadable("bomb", 0, `unpacks from ${source.length} to ${unpacked} bytes and more`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Unreadable || error instanceof MalformedFile) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new MalformedFile(
      source.path,
      Math.min(unpacking.bytesWritten, source.length),
      `gzip stream: ${problem}`,
    );
  } finally {
    packed.destroy();
    unpacking.destroy();
  }
}
