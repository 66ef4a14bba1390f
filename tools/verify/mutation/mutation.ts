// What a mutation is: one property of a good library broken by a change of bytes, and what must then be reported.

export interface Mutation {
  /** The gate that must report it, and the only one. */
  readonly gate: string;
  /** What is broken, as part of a sentence. */
  readonly breaks: string;
  readonly triple: string;
  readonly file: string;
  /** The file that the finding is about, where it is not the changed one. */
  readonly blames?: string;
  /** Changes the file and says where a finding must point. */
  apply(file: Buffer): Mutated;
}

export interface Mutated {
  /** undefined takes the file away. */
  readonly bytes: Buffer | undefined;
  readonly evidence: ExpectedEvidence;
}

export interface ExpectedEvidence {
  readonly section: string;
  readonly offset: number;
  readonly value: string;
}

/** Offset of a text that must stand in the file exactly `times` times; the first place is given. */
export function placeOf(file: Buffer, text: string, times = 1): number {
  const first = file.indexOf(text);
  let found = 0;
  for (let at = first; at >= 0; at = file.indexOf(text, at + 1)) found += 1;
  if (found !== times)
    throw new Error(`${JSON.stringify(text)} stands ${found} times in the file, not ${times}`);
  return first;
}

/** Writes a text of the same length over one that stands in the file exactly once; gives its place. */
export function replaceText(file: Buffer, text: string, replacement: string): number {
  if (Buffer.byteLength(text) !== Buffer.byteLength(replacement)) throw new Error("the lengths differ");
  const at = placeOf(file, text);
  file.write(replacement, at, "latin1");
  return at;
}
