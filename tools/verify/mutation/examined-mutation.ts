// What a mutation of any library or package is: a good file, one property broken, and the one gate that must tell.
import type { PolicyFile } from "../policy-file.ts";
import type { Mutated } from "./mutation.ts";

export interface ExaminedMutation {
  /** The gate that must report it, and the only one that did not before. */
  readonly gate: string;
  /** What is broken, as part of a sentence. */
  readonly breaks: string;
  readonly origin: Origin;
  /** Name under which the doctor meets the file, where the origin's own is not it. */
  readonly fileName?: string;
  /** Other files of the same package that lie in the same folder, which is then examined as a whole. */
  readonly beside?: readonly string[];
  /** The file that the finding is about, where it is not the changed one. */
  readonly blames?: string;
  readonly policy?: PolicyFile;
  apply(file: Buffer): Mutated;
}

/** Where the good file comes from: the committed fixtures, or a package of other people. */
export type Origin =
  | { readonly fixture: string }
  | { readonly corpus: string; readonly member: string }
  | { readonly name: string; make(): Buffer };

/** A mutation in place. */
export function examined(
  gate: string,
  breaks: string,
  origin: Origin,
  change: (file: Buffer) => Mutated["evidence"],
  more: Pick<ExaminedMutation, "fileName" | "policy" | "beside"> = {},
): ExaminedMutation {
  return { gate, breaks, origin, ...more, apply: (bytes) => ({ evidence: change(bytes), bytes }) };
}
