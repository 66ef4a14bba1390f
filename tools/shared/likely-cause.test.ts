// Known failures: each by the words that compilers, linkers, cargo and the system really print.
import { describe, expect, it } from "vitest";
import { likelyCause, relevantLines, sourcePlace, systemError } from "./likely-cause.ts";

describe("likelyCause", () => {
  it.each([
    ["disk-full", "error: failed to write /x/libfoo.rlib: No space left on device (os error 28)"],
    ["disk-full", "ENOSPC: no space left on device, write"],
    [
      "file-size-limit",
      "process didn't exit successfully: `rustc` (signal: 25, SIGXFSZ: file size limit exceeded)",
    ],
    ["out-of-memory", "LLVM ERROR: out of memory\nAllocation failed"],
    [
      "killed",
      "error: could not compile `x` (lib)\n\nCaused by:\n  process didn't exit successfully: `rustc` (signal: 9, SIGKILL: kill)",
    ],
    ["too-many-files", "error: Too many open files (os error 24)"],
    [
      "not-writable",
      "error: failed to create directory `/x/target`\n\nCaused by:\n  Read-only file system (os error 30)",
    ],
    ["no-permission", "EACCES: permission denied, mkdir '/x'"],
    [
      "network",
      "error: failed to download from `https://static.crates.io/x`\n\nCaused by:\n  [6] Couldn't resolve host name",
    ],
    [
      "lock-file",
      "error: cannot update the lock file /x/Cargo.lock because --locked was passed to prevent this",
    ],
    ["std-missing", "error[E0463]: can't find crate for `std`"],
    ["c-header-missing", "x.c:1:10: fatal error: 'openssl/ssl.h' file not found"],
    ["c-header-missing", "x.c:1:10: fatal error: openssl/ssl.h: No such file or directory"],
    [
      "c-compiler-missing",
      'error occurred in cc-rs: failed to find tool "aarch64-linux-gnu-gcc": No such file',
    ],
    ["c-compiler-missing", "error: linker `x86_64-w64-mingw32-gcc` not found"],
    ["undefined-symbol", "ld.lld: error: undefined symbol: getrandom"],
    ["undefined-symbol", "error LNK2019: unresolved external symbol foo"],
    ["duplicate-symbol", "rust-lld: error: duplicate symbol: nnn"],
    ["relocation-overflow", "relocation R_X86_64_32 against `.rodata' can not be used; recompile with -fPIC"],
    ["compile-error", "error[E0308]: mismatched types"],
  ])("is %s for %j", (id, text) => expect(likelyCause(text)?.id).toBe(id));

  it("is nothing where no sign is known", () => expect(likelyCause("everything is fine")).toBeUndefined());
});

describe("relevantLines", () => {
  it("begin at the first error, however long the log before it is", () => {
    const log = [
      ...Array.from({ length: 500 }, (_, index) => `   Compiling c${index}`),
      "error[E0308]: no",
      "  --> a.rs:1:2",
    ];
    expect(relevantLines(log.join("\n"))).toEqual(["error[E0308]: no", "  --> a.rs:1:2"]);
  });

  it("are the end of a log without an error, and never a screenful of one line", () => {
    const lines = relevantLines(`${"a\n".repeat(100)}${"x".repeat(20_000)}`);
    expect(lines).toHaveLength(30);
    expect(lines.at(-1)?.length).toBeLessThan(500);
  });
});

describe("sourcePlace", () => {
  it.each([
    ["  --> crates/x/src/lib.rs:3:15", { file: "crates/x/src/lib.rs", line: 3, column: 15 }],
    ["native/addon.c:7:1: error: unknown type name", { file: "native/addon.c", line: 7, column: 1 }],
    ["C code: nothing here", undefined],
  ])("reads %j", (line, place) => expect(sourcePlace([line])).toEqual(place));
});

describe("systemError", () => {
  it("makes an error with a remedy of what the system refused, and of nothing else", () => {
    const refused = Object.assign(new Error("EACCES: permission denied, open '/x'"), { syscall: "open" });
    expect(systemError(refused)).toMatchObject({ code: "no-permission", exitCode: 3 });
    expect(systemError(new TypeError("EACCES"))).toBeUndefined();
  });
});
