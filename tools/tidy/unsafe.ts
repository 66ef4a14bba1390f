// Rule: `unsafe` lives in the FFI crate alone, and the core forbids it outright.
import { matchingLines, type TidyRule } from "./tree.ts";

const allowedPrefixes = [
  "crates/nnrp-ffi/", // the C ABI
  "fuzz/src/abi/", // calls the C ABI as C would
  "crates/nnrp-bench/src/counting_allocator.rs", // the trait of allocators is unsafe; for development only
  "crates/nnrp-wasm/tests/exports/module.rs", // writes into the memory that the exports hand out, as JavaScript does
];

export const unsafeRule: TidyRule = {
  name: "unsafe",
  promise:
    "only nnrp-ffi, its fuzz target, one allocator and one host for tests contain unsafe code, and nnrp-core forbids it",
  check(tree) {
    const rust = tree.files.filter((file) => file.path.endsWith(".rs"));
    const strays = rust
      .filter((file) => !allowedPrefixes.some((prefix) => file.path.startsWith(prefix)))
      .flatMap((file) =>
        matchingLines(file.text, /^(?!\s*\/\/).*\bunsafe\s*(\{|fn\b|impl\b|extern\b|trait\b)/).map(
          (line) => ({
            rule: "unsafe",
            path: file.path,
            line,
            message: "unsafe code outside nnrp-ffi: move it there or write it safely",
          }),
        ),
      );
    const core = rust.find((file) => file.path === "crates/nnrp-core/src/lib.rs");
    if (core === undefined || core.text.includes("#![forbid(unsafe_code)]")) return strays;
    return [
      ...strays,
      { rule: "unsafe", path: core.path, line: 0, message: "nnrp-core must say #![forbid(unsafe_code)]" },
    ];
  },
};
