// What the parts of the parser share: the cursor, the symbols so far, and the readers they need of each other.
import type { Cursor } from "./cursor.ts";
import type { Declarations } from "./declarations.ts";
import type { Scope } from "./expression.ts";
import type { CType } from "./model.ts";

export interface ParseContext {
  readonly cursor: Cursor;
  readonly declarations: Declarations;
  readonly systemTypes: ReadonlySet<string>;
  readonly scope: Scope;
  /** The limit of #pragma pack, null without one. */
  readonly pack: number | null;
  /** How many struct bodies surround the cursor. */
  bodyDepth: number;
  /** Reads a constant expression with a value from 0 to 2^31-1. */
  integer(what: string): number;
  /** Reads `struct …` or `union …`, with or without a body. */
  readRecord(): CType;
  /** Reads `enum …`. */
  readEnum(): CType;
  /** Takes pragma tokens at the cursor. */
  takePragmas(): void;
}
