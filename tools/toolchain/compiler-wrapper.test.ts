// The rewriting of arguments that rustc and the cc crate chose for another compiler.
import { describe, expect, it } from "vitest";
import { translate, type WrapperConfig } from "./compiler-wrapper.ts";

const zig: WrapperConfig = {
  program: "zig",
  before: ["cc", "-target", "x"],
  after: ["-g0"],
  rules: "zig-cc",
};
const lld: WrapperConfig = { program: "rust-lld", before: ["-L/stubs"], after: ["end.o"], rules: "lld" };

describe("translate", () => {
  it("drops every choice of a target, with its value", () => {
    const args = [
      "--target=aarch64-apple-macosx",
      "-arch",
      "arm64",
      "-isysroot",
      "/sdk",
      "-mmacosx-version-min=11.0",
      "-m64",
      "a.o",
    ];
    expect(translate(args, zig)).toEqual(["cc", "-target", "x", "a.o", "-g0"]);
  });

  it("takes LLVM's unwinder for libgcc's", () => {
    expect(translate(["-lgcc_s", "-lgcc_eh", "-lgcc"], zig)).toEqual([
      "cc",
      "-target",
      "x",
      "-lunwind",
      "-lunwind",
      "-g0",
    ]);
  });

  it("leaves Windows' C runtime to zig", () => {
    const args = ["-nolibc", "--unwindlib=none", "-lmingw32", "-lmingwex", "-lmsvcrt", "-lkernel32"];
    expect(translate(args, zig)).toEqual(["cc", "-target", "x", "-lkernel32", "-g0"]);
  });

  it("passes a definition file as an input", () => {
    expect(translate(["-Wl,/tmp/list.def", "-Wl,-z,now"], zig)).toEqual([
      "cc",
      "-target",
      "x",
      "/tmp/list.def",
      "-Wl,-z,now",
      "-g0",
    ]);
  });

  it("gives the linker the project's list of exports in place of rustc's", () => {
    const rust = "-Wl,--version-script=/tmp/rustcAb12Cd/list";
    const exportList = "/project/exports/lib.map";
    const own = `-Wl,--version-script=${exportList}`;
    expect(translate([rust], { ...zig, exportList })).toEqual(["cc", "-target", "x", own, "-g0"]);
    expect(translate([rust], zig)).toEqual(["cc", "-target", "x", rust, "-g0"]);
  });

  it("leaves a procedural macro, which the compiler itself loads, its own exports", () => {
    const rust = "-Wl,--version-script=/tmp/rustcAb12Cd/list";
    const exportList = "/project/exports/lib.map";
    const macro = [rust, "-o", "/target/release/deps/libderive-0123456789abcdef.so"];
    expect(translate(macro, { ...zig, exportList })).toContain(rust);
    const library = [rust, "-o", "/target/release/deps/liblib.so"];
    expect(translate(library, { ...zig, exportList })).not.toContain(rust);
  });

  it("takes the arguments of Microsoft's librarian for an archiver, which keeps no folders", () => {
    const librarian: WrapperConfig = { program: "zig", before: ["ar"], after: [], rules: "librarian" };
    const args = ["-out:/tmp/libx.a", "-nologo", "/tmp/libx.a", "/home/u/a.o", "b.o"];
    expect(translate(args, librarian)).toEqual(["ar", "crsD", "/tmp/libx.a", "/home/u/a.o", "b.o"]);
  });

  it("keeps the flavor of lld in front", () => {
    expect(translate(["-flavor", "gnu", "a.o"], lld)).toEqual(["-flavor", "gnu", "-L/stubs", "a.o", "end.o"]);
    expect(translate(["a.o"], lld)).toEqual(["-L/stubs", "a.o", "end.o"]);
  });
});
