// Reads the fields of a WebAssembly section one after the other.
import type { Cursor, MalformedFile } from "./cursor.ts";
import type { Place } from "./facts.ts";
import { sleb64, uleb, uleb64 } from "./leb128.ts";

/** Value types that are followed by the type they refer to: (ref null ht) and (ref ht). */
const referenceTypes: readonly number[] = [0x63, 0x64];

export class WasmReader {
  /** Where the next field begins, in the section. */
  at = 0;
  private readonly part: Cursor;
  private readonly what: string;

  constructor(part: Cursor, what: string) {
    this.part = part;
    this.what = what;
  }

  place(): Place {
    return { section: this.what, offset: this.part.base + this.at };
  }

  byte(): number {
    const value = this.part.u8(this.at, this.what);
    this.at += 1;
    return value;
  }

  number(): number {
    const { value, end } = uleb(this.part, this.at, this.what);
    this.at = end;
    return value;
  }

  wide(): bigint {
    const { value, end } = uleb64(this.part, this.at, this.what);
    this.at = end;
    return value;
  }

  /** A length and that many bytes of UTF-8. */
  text(): string {
    const length = this.number();
    const text = this.part.fixedString(this.at, length, this.what);
    this.at += length;
    return text;
  }

  valueType(): void {
    if (referenceTypes.includes(this.byte())) this.at = sleb64(this.part, this.at, this.what).end;
  }

  /** Accounts for facts that take more memory than their bytes. */
  spend(work: number): void {
    this.part.spend(work, this.at, this.what);
  }

  malformed(problem: string): MalformedFile {
    return this.part.malformed(this.at, `${this.what}: ${problem}`);
  }
}
