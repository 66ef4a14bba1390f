// What a gate reports: which rule is broken, where the bytes show it, and what mends it.

/** error: breaks users; warning: costs users something, or breaks some of them; note: worth knowing. */
export type Severity = "error" | "warning" | "note";

export interface Finding {
  /** Stable identifier of the gate, kebab case, e.g. "elf-soname". */
  readonly gate: string;
  readonly severity: Severity;
  /** File name; path inside the folder or package where the file stands in one. */
  readonly file: string;
  /** Archive member or slice, where one is meant. */
  readonly member?: string;
  readonly title: string;
  /** Section or structure, byte offset in the file, and the value found. */
  readonly evidence: { readonly section: string; readonly offset: number; readonly value: string };
  readonly fix: string;
}
