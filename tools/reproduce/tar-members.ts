// The members of a tar archive in memory, with the header fields that a build may leave its traces in.
import { Header } from "tar";

export interface TarMember {
  readonly path: string;
  readonly mode: number;
  /** Seconds since 1970. */
  readonly modified: number;
  readonly bytes: Uint8Array;
}

const blockBytes = 512;

export function isTar(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(257, 262)).toString("latin1") === "ustar";
}

export function tarMembers(bytes: Uint8Array): TarMember[] {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members: TarMember[] = [];
  for (let at = 0; at + blockBytes <= archive.length;) {
    const header = new Header(archive, at);
    if (header.nullBlock) break;
    const size = header.size ?? 0;
    const from = at + blockBytes;
    members.push({
      path: header.path ?? "",
      mode: header.mode ?? 0,
      modified: (header.mtime?.getTime() ?? 0) / 1000,
      bytes: archive.subarray(from, from + size),
    });
    at = from + Math.ceil(size / blockBytes) * blockBytes;
  }
  return members;
}
