// What is read from an `ar` archive.
import type { Located, ObjectFacts, Place } from "./facts.ts";

export interface ArchiveFacts {
  readonly format: "archive";
  /** "coff" has a second, sorted index; "thin" names files and holds none of their content. */
  readonly flavour: "gnu" | "bsd" | "coff" | "thin";
  readonly members: readonly ArchiveMember[];
  /** Names in the archive's symbol index, as the linker sees them. */
  readonly index: readonly string[];
  /** The same with the member that each name leads to. */
  readonly indexEntries: readonly ArchiveIndexEntry[];
  /** Where the index begins, and how wide its offsets are; undefined without one. */
  readonly indexTable: (Place & { readonly bits: 32 | 64 }) | undefined;
}

export interface ArchiveIndexEntry extends Located<string> {
  /** Offset of the member's header in the archive, as the index has it. */
  readonly headerOffset: number;
  /** Name of the member that begins there; undefined where none does. */
  readonly member: string | undefined;
}

export interface ArchiveMember {
  readonly name: string;
  /** Where the member's header begins, counted from the start of the file. */
  readonly headerOffset: number;
  /** Where the member's content begins. */
  readonly offset: number;
  readonly bytes: number;
  /** Seconds since 1970; undefined where the header leaves it empty. */
  readonly modified: number | undefined;
  readonly owner: number | undefined;
  readonly group: number | undefined;
  readonly mode: number | undefined;
  /** undefined for content that is no object file, and for members of thin archives. */
  readonly object: ObjectFacts | undefined;
}
