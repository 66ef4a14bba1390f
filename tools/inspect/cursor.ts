// A bounds-checked view of bytes: each read names its offset in the file when it does not fit.
import { ToolError } from "../shared/errors.ts";

/** The file cannot be read as what it claims to be. */
export class MalformedFile extends ToolError {
  readonly path: string;
  /** Offset from the start of the file. */
  readonly offset: number;
  /** The message without path and offset. */
  readonly problem: string;

  constructor(path: string, offset: number, problem: string) {
    super({
      code: "malformed-file",
      family: "usage",
      message: `${path}: offset 0x${offset.toString(16)}: ${problem}`,
      remedy: "build or fetch the file again; it is damaged, cut off, or of a kind that is not understood",
    });
    this.name = "MalformedFile";
    this.path = path;
    this.offset = offset;
    this.problem = problem;
  }
}

/** What the views of one file share. */
interface Source {
  readonly path: string;
  /** Reads and bytes of text that are still allowed; see workBudget. */
  workLeft: number;
  readonly account: WorkAccount;
  readonly watch: FieldWatch | undefined;
}

/** What the files of one package may take together, in the unit of a file's own budget. */
export interface WorkAccount {
  left: number;
}

/**
 * Facts live as long as the package is examined, at 8 to 16 bytes for each unit: 2 GB and no more. Node's own program,
 * whose symbols number among the most, takes 10 million.
 */
export function newWorkAccount(): WorkAccount {
  return { left: 2 ** 27 };
}

/** Is told of each number that is read: where it stands in the file, how wide it is, and what it means. */
export type FieldWatch = (offset: number, bytes: 1 | 2 | 4 | 8, what: string) => void;

/** A part of a file. Offsets given to its methods count from the start of the part. */
export class Cursor {
  readonly bytes: Uint8Array;
  /** Offset of the part in the file. */
  readonly base: number;
  readonly littleEndian: boolean;
  private readonly source: Source;
  private readonly view: DataView;

  private constructor(bytes: Uint8Array, base: number, littleEndian: boolean, source: Source) {
    this.bytes = bytes;
    this.base = base;
    this.littleEndian = littleEndian;
    this.source = source;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A whole file; files of one package share an account. */
  static ofFile(
    path: string,
    bytes: Uint8Array,
    watch?: FieldWatch,
    account: WorkAccount = newWorkAccount(),
  ): Cursor {
    return new Cursor(bytes, 0, true, { path, workLeft: workBudget(bytes.length), account, watch });
  }

  /** Bytes that were read from `base` on, out of a file that is not in memory as a whole. */
  static ofPart(path: string, bytes: Uint8Array, base: number): Cursor {
    const source = { path, workLeft: workBudget(bytes.length), account: newWorkAccount(), watch: undefined };
    return new Cursor(bytes, base, true, source);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** The same part read in the given byte order; parts of it inherit the order. */
  ordered(littleEndian: boolean): Cursor {
    return littleEndian === this.littleEndian
      ? this
      : new Cursor(this.bytes, this.base, littleEndian, this.source);
  }

  /** The part of `length` bytes at `offset`; shares the byte order. */
  slice(offset: number | bigint, length: number | bigint, what: string): Cursor {
    const start = this.checked(offset, length, what);
    const bytes = this.bytes.subarray(start, start + Number(length));
    return new Cursor(bytes, this.base + start, this.littleEndian, this.source);
  }

  from(offset: number | bigint, what: string): Cursor {
    const start = this.checked(offset, 0, what);
    return this.slice(start, this.length - start, what);
  }

  /** `count` records of `size` bytes, refused when they cannot all lie in this part. */
  *records(
    offset: number | bigint,
    count: number | bigint,
    size: number,
    what: string,
  ): Generator<Cursor, void, void> {
    const whole = this.slice(offset, BigInt(count) * BigInt(size), what);
    for (let start = 0; start < whole.length; start += size) yield whole.slice(start, size, what);
  }

  u8(offset: number, what: string): number {
    return this.view.getUint8(this.field(offset, 1, what));
  }

  u16(offset: number, what: string): number {
    return this.view.getUint16(this.field(offset, 2, what), this.littleEndian);
  }

  u32(offset: number, what: string): number {
    return this.view.getUint32(this.field(offset, 4, what), this.littleEndian);
  }

  u64(offset: number, what: string): bigint {
    return this.view.getBigUint64(this.field(offset, 8, what), this.littleEndian);
  }

  /** An address-sized word. */
  word(offset: number, bits: 32 | 64, what: string): bigint {
    return bits === 64 ? this.u64(offset, what) : BigInt(this.u32(offset, what));
  }

  /** Text up to the next zero byte, which must lie in this part. */
  string(offset: number | bigint, what: string): string {
    const start = this.checked(offset, 0, what);
    const end = this.bytes.indexOf(0, start);
    if (end < 0) throw this.malformed(start, `${what} is not ended by a zero byte`);
    return this.text(start, end - start, what);
  }

  /** Text of at most `length` bytes; ends at a zero byte if there is one. */
  paddedString(offset: number, length: number, what: string): string {
    const field = this.slice(offset, length, what);
    const end = field.bytes.indexOf(0);
    return this.text(offset, end < 0 ? length : end, what);
  }

  /** Text of exactly `length` bytes, zero bytes included. */
  fixedString(offset: number, length: number, what: string): string {
    return this.text(this.checked(offset, length, what), length, what);
  }

  startsWith(text: string): boolean {
    return Buffer.from(this.bytes.subarray(0, text.length)).toString("latin1") === text;
  }

  malformed(offset: number, problem: string): MalformedFile {
    return new MalformedFile(this.source.path, this.base + offset, problem);
  }

  /** Accounts for work that is not a read of a number. */
  spend(work: number, offset: number, what: string): void {
    this.source.workLeft -= work;
    if (this.source.workLeft < 0)
      throw this.malformed(offset, `${what}: the same bytes are referred to again and again`);
    this.source.account.left -= work;
    if (this.source.account.left < 0)
      throw this.malformed(offset, `${what}: there are more table entries than are read, millions`);
  }

  private field(offset: number, bytes: 1 | 2 | 4 | 8, what: string): number {
    const start = this.checked(offset, bytes, what);
    this.source.watch?.(this.base + start, bytes, what);
    return start;
  }

  private text(start: number, length: number, what: string): string {
    this.spend(textWork + length, start, what);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString("utf8");
  }

  private checked(offset: number | bigint, length: number | bigint, what: string): number {
    const start = Number(offset);
    const size = Number(length);
    this.spend(1, start, what);
    const fits = Number.isSafeInteger(start) && start >= 0 && size >= 0 && start + size <= this.length;
    if (!fits)
      throw this.malformed(Math.max(0, Math.min(start, this.length)), outOfRange(what, start, size, this));
    return start;
  }
}

function outOfRange(what: string, start: number, size: number, cursor: Cursor): string {
  return `${what} wants ${size} bytes at 0x${start.toString(16)}, but the part at 0x${cursor.base.toString(16)} has ${cursor.length}`;
}

/**
 * Tables of a sound file are read once, names that share a tail a few times. The limit makes every reader linear in
 * the size of the file, in time and in memory, whatever cycles or overlaps its offsets describe.
 */
function workBudget(fileBytes: number): number {
  return 16 * fileBytes + 65_536;
}

/** What a text and the object around it take in memory, so that many short texts use up the budget, too. */
const textWork = 48;
