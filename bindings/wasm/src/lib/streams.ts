// Drives a client over a pair of byte streams that the caller owns: a stream of a WebTransport, a WebSocketStream, a socket.
import type { NnrpClient } from "./client.ts";
import { Driver, type DriveOptions } from "./driver.ts";

/** A readable and a writable side of bytes. */
export interface ByteStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * Connects a client with streams until either ends. While the client wants no bytes, nothing is read: a server that
 * sends faster than the application takes events has to wait. The promise rejects if the connection failed.
 */
export function driveStreams(client: NnrpClient, streams: ByteStreams, options: DriveOptions): Promise<void> {
  const writer = streams.writable.getWriter();
  const reader = streams.readable.getReader();
  let isWriting = false;
  const port = {
    hasRoom: () => !isWriting,
    send: (bytes: Uint8Array<ArrayBuffer>) => {
      isWriting = true;
      const written = writer.ready.then(() => writer.write(bytes));
      written.then(
        () => {
          isWriting = false;
          driver.advance();
        },
        () => driver.ended(false),
      );
    },
    endWrite: () => void writer.close().catch(() => undefined),
    drop: () => {
      reader.cancel().catch(() => undefined);
      writer.close().catch(() => undefined);
    },
  };
  const driver = new Driver(client, port, options);
  void readAll(reader, driver);
  return driver.closed;
}

/** Events are handed on within `receive`, so a client that wants no bytes is one whose `onEvent` has thrown. */
async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, driver: Driver): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      driver.receive(value);
    }
    driver.ended(true);
  } catch {
    driver.ended(false);
  }
}
