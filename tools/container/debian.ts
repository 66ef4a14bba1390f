// Reads Debian packages: an `ar` archive of a version, and of two tar archives with the control files and the content.
import type { ByteSource } from "./byte-source.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { Unreadable, type StoredEntry } from "./stored-entry.ts";

const magicBytes = 8;
const headerBytes = 60;
/** Enough to tell what a part is. */
const partBytes = 512;
/** What dpkg writes first, and looks for first. */
const firstMember = "debian-binary";

/** Whether the bytes begin a Debian package; any other `ar` archive is one of objects. */
export function beginsDebianPackage(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, magicBytes + 16)).toString("latin1");
  return text.startsWith("!<arch>\n") && nameIn(text.slice(magicBytes)) === firstMember;
}

/** The first bytes of the two tar archives. */
export async function* debianParts(source: ByteSource): AsyncGenerator<Uint8Array, void, void> {
  for await (const { name, offset, bytes } of readDebian(source, defaultLimits))
    if (/^(control|data)\.tar/.test(name))
      yield await source.read(offset + headerBytes, Math.min(bytes, partBytes), name);
}

export async function* readDebian(
  source: ByteSource,
  limits: Limits,
): AsyncGenerator<StoredEntry, void, void> {
  for (let offset = magicBytes; offset < source.length;) {
    const entry = await readEntry(source, offset, limits);
    yield entry;
    const end = offset + headerBytes + entry.bytes;
    offset = end + (end % 2);
  }
}

async function readEntry(source: ByteSource, offset: number, limits: Limits): Promise<StoredEntry> {
  const header = Buffer.from(await source.read(offset, headerBytes, "ar header")).toString("latin1");
  if (!header.endsWith("`\n")) throw new Unreadable("unreadable", offset, "an ar header has no end mark");
  const number = (start: number, end: number, radix: 8 | 10): number => {
    const text = header.slice(start, end).trim();
    if (!(radix === 8 ? /^[0-7]*$/ : /^\d*$/).test(text))
      throw new Unreadable("unreadable", offset + start, `an ar header says ${JSON.stringify(text)}`);
    return text === "" ? 0 : Number.parseInt(text, radix);
  };
  const bytes = number(48, 58, 10);
  if (bytes > limits.memberBytes)
    throw new Unreadable("too-large", offset, `${bytes} bytes, ${limits.memberBytes} are the limit`);
  return {
    type: "entry",
    name: nameIn(header),
    kind: "file",
    bytes,
    offset,
    mode: number(40, 48, 8) & 0o7777,
    modified: number(16, 28, 10),
    owner: number(28, 34, 10),
    group: number(34, 40, 10),
    linkTarget: undefined,
    stored: undefined,
    read: () => source.read(offset + headerBytes, bytes, "content"),
  };
}

/** GNU's ar ends a name with a slash, dpkg with blanks. */
function nameIn(header: string): string {
  return header.slice(0, 16).trimEnd().replace(/\/$/, "");
}
