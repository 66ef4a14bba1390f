// The names of the lints, for overlays and for the lints themselves.
export const lintNames = [
  /** Fields are fixed-width integers, or arrays or records of them. */
  "fixed-width-fields",
  /** No padding that is not a field. */
  "explicit-padding",
  "size-multiple-of-8",
  /** Same size and offsets in all classes. */
  "one-layout",
  "no-record-by-value",
  "at-most-6-params",
  /** Parameters are pointers, callbacks, uint32_t, uint64_t or size_t. */
  "flat-params",
  "no-variadic",
  /** Every exported function starts with the project's prefix. */
  "function-prefix",
  "no-function-macros",
  "documented-functions",
] as const;

export type LintName = (typeof lintNames)[number];
