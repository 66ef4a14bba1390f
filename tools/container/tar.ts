// Reads tar archives (POSIX, GNU, old) from their start to their end.
import { refuseLarge } from "./byte-source.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Limits } from "./limits.ts";
import { flaw, Unreadable, type Flaw, type Stored, type StoredEntry } from "./stored-entry.ts";
import {
  blockBytes,
  readPax,
  readTarHeader,
  withExtended,
  type Extended,
  type TarHeader,
} from "./tar-header.ts";

const kinds: Readonly<Record<string, StoredEntry["kind"]>> = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "directory",
  "6": "device",
  "7": "file",
};
/** Headers that say more about the next entry. */
const paxTypes = "xgLK";

export async function* readTar(stream: ByteStream, limits: Limits): AsyncGenerator<Stored, void, void> {
  let global: Extended = new Map();
  let extended = new Map<string, string>();
  for (;;) {
    const offset = stream.position;
    const block = await stream.take(blockBytes);
    if (block.length === 0) {
      yield flaw("unreadable", offset, "the archive has no end mark: it may be cut off");
      return;
    }
    if (block.length < blockBytes)
      throw new Unreadable("unreadable", offset, `a header of ${blockBytes} bytes is cut off`);
    if (block.every((byte) => byte === 0)) break;
    const header = readTarHeader(stream.path, block, offset);
    if (paxTypes.includes(header.type)) {
      const values = await readExtended(stream, header, limits);
      if (header.type === "g") global = new Map([...global, ...values]);
      else extended = new Map([...extended, ...values]);
      continue;
    }
    const values = new Map([...global, ...extended]);
    const entry = withExtended(header, values);
    yield isSparse(values) ? await skipSparse(stream, entry, values) : await readEntry(stream, entry, limits);
    extended = new Map();
  }
  yield* trailingBytes(stream);
}

async function readExtended(stream: ByteStream, header: TarHeader, limits: Limits): Promise<Extended> {
  refuseLarge(header.bytes, limits.directoryBytes, header.offset, "extended header");
  const start = stream.position;
  const content = await stream.takeAll(header.bytes, "extended header");
  await skipPadding(stream, header.bytes);
  if (header.type === "x" || header.type === "g") return readPax(stream.path, content, start);
  const text = Buffer.from(content).toString("utf8").replace(/\0.*$/s, "");
  return new Map([[header.type === "L" ? "path" : "linkpath", text]]);
}

/** Only files have content; the size of a link is that of what it links to. */
async function readEntry(stream: ByteStream, header: TarHeader, limits: Limits): Promise<Stored> {
  const kind = kinds[header.type] ?? "file";
  if (kinds[header.type] === undefined) return skipUnknown(stream, header);
  const isFile = kind === "file" && !header.name.endsWith("/");
  if (!isFile) return entryOf(header, kind === "file" ? "directory" : kind, new Uint8Array(0));
  if (header.bytes > limits.memberBytes) return skipLarge(stream, header, limits);
  const content = await stream.takeAll(header.bytes, `content of ${header.name}`);
  await skipPadding(stream, header.bytes);
  return entryOf(header, kind, content);
}

function entryOf(header: TarHeader, kind: StoredEntry["kind"], content: Uint8Array): StoredEntry {
  const { name, offset, mode, modified, owner, group, linkTarget } = header;
  return {
    type: "entry",
    name,
    kind,
    bytes: content.length,
    offset,
    mode,
    modified,
    owner,
    group,
    linkTarget: kind === "symlink" || kind === "hardlink" ? linkTarget : undefined,
    stored: undefined,
    read: () => Promise.resolve(content),
  };
}

/** GNU tar tells a file with holes by these keys: what is stored is a map and pieces, under another name. */
function isSparse(values: Extended): boolean {
  return [...values.keys()].some((key) => key.startsWith("GNU.sparse."));
}

async function skipSparse(stream: ByteStream, entry: TarHeader, values: Extended): Promise<Flaw> {
  await stream.skip(entry.bytes, `content of ${entry.name}`);
  await skipPadding(stream, entry.bytes);
  const name = values.get("GNU.sparse.name") ?? entry.name;
  return flaw("unsupported", entry.offset, "files with holes are not read", name);
}

async function skipUnknown(stream: ByteStream, { name, type, bytes, offset }: TarHeader): Promise<Flaw> {
  await stream.skip(bytes, `content of ${name}`);
  await skipPadding(stream, bytes);
  return flaw("unsupported", offset, `entries of type ${JSON.stringify(type)} are not read`, name);
}

async function skipLarge(
  stream: ByteStream,
  { name, bytes, offset }: TarHeader,
  limits: Limits,
): Promise<Flaw> {
  await stream.skip(bytes, `content of ${name}`);
  await skipPadding(stream, bytes);
  return flaw("too-large", offset, `${bytes} bytes, ${limits.memberBytes} are the limit`, name);
}

async function skipPadding(stream: ByteStream, bytes: number): Promise<void> {
  await stream.skip((blockBytes - (bytes % blockBytes)) % blockBytes, "padding");
}

/** Writers fill the last record with zeros; anything else is content that no reader shows. */
async function* trailingBytes(stream: ByteStream): AsyncGenerator<Flaw, void, void> {
  for (;;) {
    const start = stream.position;
    const rest = await stream.take(2 ** 20);
    if (rest.length === 0) return;
    const at = rest.findIndex((byte) => byte !== 0);
    if (at < 0) continue;
    yield flaw("trailing", start + at, "content stands behind the end mark");
    return;
  }
}
