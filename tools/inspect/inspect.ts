// Reads a file and says what it is, by its content and never by its name.
import { readFile } from "node:fs/promises";
import { sha256Of } from "../shared/digest.ts";
import { ToolError } from "../shared/errors.ts";
import { isArchive, readArchive } from "./archive.ts";
import { isShortImport, readShortImport } from "./coff-import.ts";
import { isCoff, readCoff } from "./coff.ts";
import { Cursor, newWorkAccount, type FieldWatch, type WorkAccount } from "./cursor.ts";
import { isElf, readElf } from "./elf.ts";
import type { ArtifactFacts, FatSlice, ObjectFacts } from "./facts.ts";
import { isFat, readFat } from "./fat.ts";
import { isMachO, readMachO } from "./macho.ts";
import { isPe, readPe } from "./pe.ts";
import { isWasm, readWasm } from "./wasm.ts";

/** Reads the file at `path`; throws MalformedFile when it is damaged, ToolError when it is of no known format. */
export async function inspectArtifact(path: string): Promise<ArtifactFacts> {
  return inspectBytes(path, await readBytes(path));
}

/** The same for bytes in memory; `path` only names them in facts and errors, files of one package share an account. */
export function inspectBytes(
  path: string,
  bytes: Uint8Array,
  watch?: FieldWatch,
  account: WorkAccount = newWorkAccount(),
): ArtifactFacts {
  const content = readContent(Cursor.ofFile(path, bytes, watch, account));
  if (content === undefined) throw unknownFormat(path, bytes.length);
  account.left -= workOfLibrary;
  return { path, bytes: bytes.length, sha256: sha256Of(bytes), content };
}

/** What even the smallest library takes: a hundred thousand of them are as bad as a large one. */
const workOfLibrary = 8192;

function readContent(file: Cursor): ArtifactFacts["content"] | undefined {
  if (isFat(file)) return readFat(file, readSlice);
  if (isArchive(file)) return readArchive(file, readObject);
  return readObject(file);
}

/** One object file or image; undefined for anything else. */
function readObject(file: Cursor): ObjectFacts | undefined {
  if (isElf(file)) return readElf(file);
  if (isMachO(file)) return readMachO(file);
  if (isPe(file)) return readPe(file);
  if (isWasm(file)) return readWasm(file);
  if (isShortImport(file)) return readShortImport(file);
  if (isCoff(file)) return readCoff(file);
  return undefined;
}

function readSlice(slice: Cursor): FatSlice["content"] {
  return isArchive(slice) ? readArchive(slice, readObject) : readMachO(slice);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ToolError({
      code: "unreadable-file",
      family: "usage",
      message: `${path}: cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: "check the path and its permissions",
      cause,
    });
  }
}

function unknownFormat(path: string, bytes: number): ToolError {
  if (bytes === 0) return emptyFile(path);
  return new ToolError({
    code: "unknown-format",
    family: "usage",
    message: `${path}: is neither ELF, PE, COFF, Mach-O, WebAssembly nor an archive of these`,
    remedy: "name a library, an object file, a module or an archive",
  });
}

function emptyFile(path: string): ToolError {
  return new ToolError({
    code: "unknown-format",
    family: "usage",
    message: `${path}: offset 0x0: the file is empty`,
    remedy: "build or fetch the file again",
  });
}
