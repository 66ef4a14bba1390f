// What the readers of an ELF file's parts need of the whole.
import type { Cursor } from "./cursor.ts";
import type { ElfSegment } from "./facts.ts";

/** A section header. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly offset: bigint;
  readonly size: bigint;
  readonly link: number;
  readonly info: number;
}

/** What the readers of the parts need of the whole. */
export interface ElfFile {
  readonly file: Cursor;
  readonly bits: 32 | 64;
  readonly sections: readonly ElfSection[];
  readonly loads: readonly ElfSegment[];
}
