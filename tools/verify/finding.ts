// What a gate reports: which rule is broken, where the bytes show it, and what mends it.

export type Severity = "error" | "warning" | "note";

export interface Finding {
  /** Stable identifier of the gate, kebab case, e.g. "elf-soname". */
  readonly gate: string;
  readonly severity: Severity;
  /** File name, and archive member where one is meant. */
  readonly file: string;
  readonly member?: string;
  readonly title: string;
  /** Section or structure, byte offset, and the value found. */
  readonly evidence: { readonly section: string; readonly offset: number; readonly value: string };
  readonly fix: string;
}
