// What the readers of the container formats hand to the walk: entries as they are stored, and what is wrong with them.
import type { MemberFacts, ProblemCode } from "./member.ts";

export interface StoredEntry extends MemberFacts {
  readonly type: "entry";
  /** The content; throws Unreadable where the bytes are not what the container promises. */
  read(): Promise<Uint8Array>;
}

export interface Flaw {
  readonly type: "flaw";
  readonly code: ProblemCode;
  readonly member: string | undefined;
  readonly offset: number;
  readonly message: string;
}

export type Stored = StoredEntry | Flaw;

/** One member or one stream that cannot be read, while the rest of the container may be sound. */
export class Unreadable extends Error {
  readonly code: ProblemCode;
  readonly offset: number;

  constructor(code: ProblemCode, offset: number, message: string) {
    super(message);
    this.name = "Unreadable";
    this.code = code;
    this.offset = offset;
  }
}

export function flaw(code: ProblemCode, offset: number, message: string, member?: string): Flaw {
  return { type: "flaw", code, member, offset, message };
}
