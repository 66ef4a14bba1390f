// From files to the model: the only place of the front end that touches the file system.
import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { ToolError } from "../shared/errors.ts";
import { buildModel } from "./front-end.ts";
import type { AbiModel } from "./model.ts";
import { emptyOverlay, parseOverlay } from "./overlay.ts";
import type { HeaderReader } from "./preprocess.ts";
import { sourceFile, type SourceFile } from "./source.ts";

export interface HeaderInput {
  /** Name of the model. */
  readonly name: string;
  /** Absolute paths, in the order in which a program would include them. */
  readonly headers: readonly string[];
  /** Absolute folders that go on the include path; names of files are shown relative to the first that holds them. */
  readonly includeDirectories: readonly string[];
  /** Absolute path of the overlay file. */
  readonly overlay?: string;
  /** Prefix that the lint function-prefix asks for. */
  readonly functionPrefix?: string;
  readonly defines?: Readonly<Record<string, string>>;
}

/** Reads headers and overlay and gives the model; throws ToolError for whatever is not understood or not allowed. */
export function readHeader(input: HeaderInput): AbiModel {
  const reader = new FileReader(input.includeDirectories);
  const files = input.headers.map((path) => reader.read(path));
  const overlayFile = input.overlay === undefined ? "" : reader.nameOf(input.overlay);
  const overlay =
    input.overlay === undefined ? emptyOverlay : parseOverlay(overlayFile, readText(input.overlay));
  const headers = files.map((file) => file.name);
  return buildModel({
    identity: { name: input.name, headers, overlayFile },
    files,
    reader,
    overlay,
    defines: input.defines ?? {},
    functionPrefix: input.functionPrefix ?? "",
  });
}

class FileReader implements HeaderReader {
  private readonly directories: readonly string[];
  private readonly files = new Map<string, SourceFile>();

  constructor(directories: readonly string[]) {
    this.directories = directories;
  }

  resolve(name: string, isAngled: boolean, from: SourceFile): SourceFile | undefined {
    if (isAbsolute(name)) return isFile(name) ? this.read(name) : undefined;
    const beside = isAngled || from.path === "" ? [] : [dirname(from.path)];
    const path = [...beside, ...this.directories].map((directory) => join(directory, name)).find(isFile);
    return path === undefined ? undefined : this.read(path);
  }

  read(path: string): SourceFile {
    const absolute = resolve(path);
    const known = this.files.get(absolute);
    if (known !== undefined) return known;
    const file = sourceFile(this.nameOf(absolute), absolute, readText(absolute));
    this.files.set(absolute, file);
    return file;
  }

  /** Relative to the include folder it is in, so that the model does not know where it was made. */
  nameOf(path: string): string {
    const inside = this.directories
      .map((directory) => relative(directory, path))
      .find((name) => !name.startsWith("..") && !isAbsolute(name));
    return (inside ?? relative(dirname(path), path)).replaceAll("\\", "/");
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Headers larger than this are no headers. */
const maxBytes = 16 * 1024 * 1024;

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > maxBytes) throw unreadable(path, `is larger than ${maxBytes} bytes`);
    if (bytes.includes(0)) throw unreadable(path, "is no text: it contains a zero byte");
    return decoded(bytes);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw unreadable(
      path,
      `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

/** UTF-8; old headers have Latin-1 in their comments. */
function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

function unreadable(path: string, problem: string, cause?: unknown): ToolError {
  const remedy = "name a readable C header";
  return new ToolError({
    code: "header-unreadable",
    family: "usage",
    message: `${path} ${problem}`,
    remedy,
    cause,
  });
}
