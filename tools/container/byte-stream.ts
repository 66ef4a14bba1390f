// Reads a stream of unknown length from its start to its end, as much at a time as is asked for.
import { MalformedFile } from "../inspect/cursor.ts";

export class ByteStream {
  readonly path: string;
  /** How many bytes have been taken. */
  position = 0;
  private readonly chunks: AsyncIterator<Uint8Array, void>;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(path: string, chunks: AsyncIterable<Uint8Array>) {
    this.path = path;
    this.chunks = chunks[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, void>;
  }

  /** Up to `length` bytes; fewer only at the end. The memory grows with what is there, not with what is asked for. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let left = length;
    while (left > 0) {
      if (this.rest.length === 0 && !(await this.refill())) break;
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      parts.push(part);
      left -= part.length;
    }
    this.position += length - left;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Exactly `length` bytes. */
  async takeAll(length: number, what: string): Promise<Uint8Array> {
    const start = this.position;
    const bytes = await this.take(length);
    if (bytes.length < length)
      throw new MalformedFile(
        this.path,
        start,
        `${what} wants ${length} bytes, the stream ends after ${bytes.length}`,
      );
    return bytes;
  }

  /** Passes over `length` bytes without holding them. */
  async skip(length: number, what: string): Promise<void> {
    const start = this.position;
    let left = length;
    while (left > 0) {
      const { length: got } = await this.take(Math.min(left, 2 ** 20));
      if (got === 0)
        throw new MalformedFile(
          this.path,
          start,
          `${what} wants ${length} bytes, ${left} of them are missing`,
        );
      left -= got;
    }
  }

  /** Ends the stream early. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private async refill(): Promise<boolean> {
    const next = await this.chunks.next();
    if (next.done === true) return false;
    this.rest = next.value;
    return true;
  }
}
