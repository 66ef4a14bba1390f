// Opens a folder or an archive of any kind, recognised by its content, and walks it and the archives inside it.
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { MalformedFile } from "../inspect/cursor.ts";
import { ToolError } from "../shared/errors.ts";
import { bytesSource, chunksOf, fileSource, type ByteSource } from "./byte-source.ts";
import { ByteStream } from "./byte-stream.ts";
import { contentKind, isTarHeader, type ContentKind, type Unsupported } from "./content-kind.ts";
import { debianParts, readDebian } from "./debian.ts";
import { readDirectory } from "./directory.ts";
import { gunzip } from "./gzip.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { Container, ContainerKind, Member, Problem } from "./member.ts";
import { NameRegister, nameFlaws } from "./member-name.ts";
import { remedyOf } from "./problem-remedy.ts";
import { Unreadable, flaw, type Flaw, type Stored, type StoredEntry } from "./stored-entry.ts";
import { readTar } from "./tar.ts";
import { readZip } from "./zip.ts";

/** Whether `path` is a folder or begins like an archive, one that cannot be opened among them. */
export async function isContainer(path: string): Promise<boolean> {
  if (await isFolder(path)) return true;
  const source = await openFile(path);
  try {
    return (await contentKind(source)) !== "none";
  } finally {
    await source.close();
  }
}

/**
 * Opens the folder or archive at `path`. Throws ToolError where it is none or of a kind that cannot be read;
 * `entries()` throws MalformedFile where the archive itself is damaged. Nothing is written to disk.
 */
export async function openContainer(path: string, limits: Limits = defaultLimits): Promise<Container> {
  const walk = (stored: () => AsyncIterable<Stored>): AsyncIterable<Member | Problem> =>
    new Walk(path, limits).entries(stored(), []);
  if (await isFolder(path))
    return { path, kind: "directory", entries: () => walk(() => readDirectory(path, limits)) };
  const kind = await kindOfFile(path);
  return { path, kind, entries: () => walk(() => openedFile(path, kind, limits)) };
}

async function kindOfFile(path: string): Promise<Exclude<ContainerKind, "directory">> {
  const source = await openFile(path);
  try {
    const kind = await contentKind(source);
    if (kind === "none") throw notAContainer(path);
    if (!isReadable(kind)) throw unsupported(path, kind);
    if (kind === "deb") await refuseUnreadableDebian(source);
    return kind === "gzip" && (await holdsTar(source)) ? "tar.gz" : kind;
  } finally {
    await source.close();
  }
}

function isReadable(kind: ContentKind): kind is "zip" | "tar" | "gzip" | "deb" {
  return kind === "zip" || kind === "tar" || kind === "gzip" || kind === "deb";
}

/** Most are packed with xz or zstd: nothing of them would be seen, which must not pass for nothing found. */
async function refuseUnreadableDebian(source: ByteSource): Promise<void> {
  try {
    for await (const part of debianParts(source)) {
      const kind = await contentKind(bytesSource(source.path, part));
      if (kind !== "none" && !isReadable(kind)) throw unsupportedDebian(source.path, kind);
    }
  } catch (error) {
    // Damage is said again, and better, when the package is read.
    if (!(error instanceof Unreadable) && !(error instanceof MalformedFile)) throw error;
  }
}

async function holdsTar(source: ByteSource): Promise<boolean> {
  const stream = new ByteStream(source.path, gunzip(source, defaultLimits));
  try {
    return isTarHeader(await stream.take(512));
  } catch (error) {
    // What is wrong is said again, and better, when the stream is read.
    if (error instanceof MalformedFile || error instanceof Unreadable) return false;
    throw error;
  } finally {
    await stream.close();
  }
}

async function* openedFile(
  path: string,
  kind: Exclude<ContainerKind, "directory">,
  limits: Limits,
): AsyncGenerator<Stored, void, void> {
  const source = await openFile(path);
  try {
    yield* storedIn(source, kind, limits);
  } finally {
    await source.close();
  }
}

async function* storedIn(
  source: ByteSource,
  kind: Exclude<ContainerKind, "directory">,
  limits: Limits,
): AsyncGenerator<Stored, void, void> {
  switch (kind) {
    case "zip":
      yield* readZip(source, limits);
      return;
    case "tar":
      yield* readTar(new ByteStream(source.path, chunksOf(source)), limits);
      return;
    case "tar.gz":
      yield* readTar(new ByteStream(source.path, gunzip(source, limits)), limits);
      return;
    case "deb":
      yield* readDebian(source, limits);
      return;
    case "gzip":
      yield await soleMember(source, limits);
  }
}

/** A compressed file that is no archive: its name is that of the file, without the ending. */
async function soleMember(source: ByteSource, limits: Limits): Promise<Stored> {
  const name = basename(source.path.split("!").at(-1) ?? source.path).replace(/\.gz$/, "");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of gunzip(source, limits)) {
    length += chunk.length;
    // Before the chunks are put together: what is refused is never held twice.
    if (length > limits.memberBytes)
      return flaw("too-large", 0, `more than ${limits.memberBytes} bytes, which are the limit`, name);
    chunks.push(chunk);
  }
  const content = Buffer.concat(chunks);
  return {
    type: "entry",
    name,
    kind: "file",
    bytes: content.length,
    offset: 0,
    mode: undefined,
    modified: undefined,
    owner: undefined,
    group: undefined,
    linkTarget: undefined,
    stored: undefined,
    read: () => Promise.resolve(content),
  };
}

/** One walk through a container and all that is inside it, with one account of what it may unpack to. */
class Walk {
  private readonly path: string;
  private readonly limits: Limits;
  private membersLeft: number;
  private bytesLeft: number;

  constructor(path: string, limits: Limits) {
    this.path = path;
    this.limits = limits;
    this.membersLeft = limits.members;
    this.bytesLeft = limits.totalBytes;
  }

  /** A stream that must not be read on ends with a problem; damage of the container itself is an error. */
  async *entries(
    stored: AsyncIterable<Stored>,
    trail: readonly string[],
  ): AsyncGenerator<Member | Problem, void, void> {
    try {
      yield* this.each(stored, trail);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      yield this.problem(flawOf(error, undefined), trail);
    }
  }

  private async *each(
    stored: AsyncIterable<Stored>,
    trail: readonly string[],
  ): AsyncGenerator<Member | Problem, void, void> {
    const names = new NameRegister();
    for await (const found of stored) {
      if (found.type === "flaw") {
        yield this.problem(found, trail);
        continue;
      }
      this.membersLeft -= 1;
      if (this.membersLeft < 0) {
        const { members } = this.limits;
        yield this.problem(flaw("too-many", found.offset, `there are more than ${members} members`), trail);
        return;
      }
      for (const wrong of [...nameFlaws(found), ...names.add(found)]) yield this.problem(wrong, trail);
      yield* this.member(found, trail);
      if (this.bytesLeft < 0) return;
    }
  }

  private async *member(
    entry: StoredEntry,
    trail: readonly string[],
  ): AsyncGenerator<Member | Problem, void, void> {
    const content = await this.content(entry);
    if ("type" in content) {
      yield this.problem(content, trail);
      return;
    }
    yield { ...entry, type: "member", trail, read: () => Promise.resolve(content) };
    if (entry.kind === "file" && content.length > 0) yield* this.inside(entry, content, trail);
  }

  /** The content is read before the member is shown, so that damage is a problem in its place. */
  private async content(entry: StoredEntry): Promise<Uint8Array | Flaw> {
    if (entry.kind !== "file") return new Uint8Array(0);
    this.bytesLeft -= entry.bytes;
    if (this.bytesLeft < 0)
      return flaw(
        "bomb",
        entry.offset,
        `all members together unpack to more than ${this.limits.totalBytes} bytes`,
        entry.name,
      );
    try {
      return await entry.read();
    } catch (error) {
      return flawOf(error, entry.name);
    }
  }

  private async *inside(
    entry: StoredEntry,
    content: Uint8Array,
    trail: readonly string[],
  ): AsyncGenerator<Member | Problem, void, void> {
    const inner = [...trail, entry.name];
    const source = bytesSource([this.path, ...inner].join("!"), content);
    const kind = await contentKind(source);
    if (kind === "none") return;
    if (!isReadable(kind)) {
      yield this.problem(flaw("unsupported", 0, `archives of kind ${kind} are not read`), inner);
      return;
    }
    if (inner.length > this.limits.depth) {
      const message = `archives inside archives are opened ${this.limits.depth} deep`;
      yield this.problem(flaw("too-deep", 0, message), inner);
      return;
    }
    const format = kind === "gzip" && (await holdsTar(source)) ? "tar.gz" : kind;
    try {
      yield* this.entries(storedIn(source, format, this.limits), inner);
    } catch (error) {
      yield this.problem(flawOf(error, undefined), inner);
    }
  }

  private problem({ code, member, offset, message }: Flaw, trail: readonly string[]): Problem {
    const file = [this.path, ...trail].join("!");
    const remedy = remedyOf(code);
    return { type: "problem", code, file, trail, member, offset, message, remedy };
  }
}

/** Damage of a part becomes a problem; a defect of this program stays what it is. */
function flawOf(error: unknown, member: string | undefined): Flaw {
  if (error instanceof Unreadable) return flaw(error.code, error.offset, error.message, member);
  if (error instanceof MalformedFile) return flaw("unreadable", error.offset, error.problem, member);
  throw error;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function openFile(path: string): Promise<ByteSource> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw new Error("is no regular file");
    return await fileSource(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): ToolError {
  return new ToolError({
    code: "unreadable-file",
    family: "usage",
    message: `${path}: cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    remedy: "check the path and its permissions",
    cause,
  });
}

function notAContainer(path: string): ToolError {
  return new ToolError({
    code: "unknown-container",
    family: "usage",
    message: `${path}: is neither a folder nor an archive (zip, tar, gzip, deb)`,
    remedy: "name a folder, a wheel, an npm tarball, a jar, an AAR, a nupkg or another zip or tar archive",
  });
}

const unpackers: Readonly<Record<Unsupported, string>> = {
  xz: "xz --decompress --keep",
  zstd: "zstd --decompress",
  bzip2: "bzip2 --decompress --keep",
  lzip: "lzip --decompress --keep",
  "7z": "7z x",
  rar: "unrar x",
  cab: "cabextract",
};

function unsupported(path: string, kind: Unsupported): ToolError {
  return new ToolError({
    code: "unsupported-compression",
    family: "usage",
    message: `${path}: offset 0x0: is compressed with ${kind}, which cannot be read here`,
    remedy: `unpack it first: ${unpackers[kind]} ${JSON.stringify(basename(path))}`,
  });
}

function unsupportedDebian(path: string, kind: Unsupported): ToolError {
  const name = JSON.stringify(basename(path));
  return new ToolError({
    code: "unsupported-compression",
    family: "usage",
    message: `${path}: is a Debian package whose content is compressed with ${kind}, which cannot be read here`,
    remedy: `unpack it first, and name the folder: dpkg-deb --extract ${name} folder`,
  });
}
