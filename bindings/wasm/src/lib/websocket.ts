// Drives a client over a WebSocket that the caller owns: the byte stream of the protocol in binary messages.
import type { NnrpClient } from "./client.ts";
import { Driver, type DriveOptions } from "./driver.ts";
import { NnrpUsageError } from "./errors.ts";

/** The part of a WebSocket that is used; those of browsers, Node, Deno and the package `ws` have it. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { wasClean: boolean; code: number }) => void): void;
}

/** Bytes that may wait in the socket; the rest waits in the client, whose commands then answer "WouldBlock". */
const mostBuffered = 1 << 20;

/** A WebSocket does not tell when it has room again. */
const roomPollMs = 5;

const open = 1;
const normalClosure = 1000;

/**
 * Connects a client with a WebSocket, open or still connecting, until either ends. The returned promise settles when
 * the socket is closed: it rejects if the connection failed, or `onEvent` threw.
 */
export function driveWebSocket(
  client: NnrpClient,
  socket: WebSocketLike,
  options: DriveOptions,
): Promise<void> {
  socket.binaryType = "arraybuffer";
  let poll: ReturnType<typeof setTimeout> | undefined;
  const hasRoom = (): boolean => {
    if (socket.readyState !== open) return false;
    if (socket.bufferedAmount < mostBuffered) return true;
    poll ??= setTimeout(() => {
      poll = undefined;
      driver.advance();
    }, roomPollMs);
    return false;
  };
  const close = (): void => {
    if (socket.readyState <= open) socket.close(normalClosure);
  };
  const port = {
    hasRoom,
    send: (bytes: Uint8Array<ArrayBuffer>) => socket.send(bytes),
    endWrite: close,
    drop: close,
  };
  const driver = new Driver(client, port, options);
  socket.addEventListener("open", () => driver.advance());
  socket.addEventListener("message", ({ data }) => {
    const bytes = bytesOf(data);
    if (bytes === undefined) driver.fail(textArrived());
    else driver.receive(bytes);
  });
  socket.addEventListener("close", ({ wasClean, code }) => {
    clearTimeout(poll);
    driver.ended(wasClean && code === normalClosure);
  });
  // A `close` follows an error.
  socket.addEventListener("error", () => undefined);
  return driver.closed;
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
}

function textArrived(): NnrpUsageError {
  const words =
    "the server sent a text message; the protocol travels in binary messages, so this is no NNRP server";
  return new NnrpUsageError("TextMessage", words);
}
