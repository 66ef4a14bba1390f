// Layouts of the torture header and of installed foreign headers are those of real compilers, in all three ABI classes.
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { witness } from "../generate/c-layout.ts";
import { classWitnesses, compilerErrors, gcc, gxx } from "./compilers.ts";
import type { AbiModel } from "./model.ts";
import { readHeader } from "./read-header.ts";

const fixtures = join(import.meta.dirname, "fixtures");

function modelOfFile(path: string): AbiModel {
  const name = basename(path, ".h");
  return readHeader({ name, headers: [path], includeDirectories: [dirname(path)] });
}

describe("the torture header", () => {
  const model = modelOfFile(join(fixtures, "torture.h"));

  for (const compiler of classWitnesses) {
    it.skipIf(!compiler.isPresent)(`is read as ${compiler.name} reads it (${compiler.install})`, () => {
      expect(compilerErrors(compiler, witness(model, "torture.h"), [`-I${fixtures}`, "-w"])).toBe("");
    });
  }

  it.skipIf(!gcc.isPresent)(`is not taken with any offset changed (${gcc.install})`, () => {
    for (const record of model.records.filter(({ spelling }) => spelling !== "")) {
      const layout = { ...record.layout, p8a8: { ...record.layout.p8a8, size: record.layout.p8a8.size + 1 } };
      const records = model.records.map((other) => (other === record ? { ...record, layout } : other));
      const errors = compilerErrors(gcc, witness({ ...model, records }, "torture.h"), [
        `-I${fixtures}`,
        "-w",
      ]);
      expect(errors).toContain(`size of ${record.name}`);
    }
  });

  it.skipIf(!gcc.isPresent)(`is not taken with a function of another type (${gcc.install})`, () => {
    const functions = model.functions.map((fn) =>
      fn.name === "tt_plain" ? { ...fn, returns: { kind: "integer", name: "unsigned int" } as const } : fn,
    );
    const errors = compilerErrors(gcc, witness({ ...model, functions }, "torture.h"), [`-I${fixtures}`]);
    expect(errors).toContain("tt_plain");
  });

  it("keeps every declaration", () => {
    expect(model.functions.map(({ name }) => name)).toEqual([
      ...[
        "tt_plain",
        "tt_text",
        "tt_second",
        "tt_old",
        "tt_print",
        "tt_vprint",
        "tt_signal",
        "tt_deep",
        "tt_make",
      ],
      "tt_by_value",
    ]);
    expect(model.variables.map(({ name }) => name)).toEqual(["tt_object"]);
    expect(model.callbacks.map(({ name }) => name)).toEqual([
      "tt_callback",
      "tt_convention",
      "tt_callback_factory",
    ]);
    expect(model.enums.map(({ name }) => name)).toEqual(["tt_level", "tt_color"]);
  });

  it("tells macros that are no constants apart", () => {
    const kinds = Object.fromEntries(model.macros.map(({ name, kind }) => [name, kind]));
    expect(kinds).toMatchObject({
      TORTURE_H: "marker",
      TT_API: "marker",
      TT_DEPRECATED: "function",
      TT_VERSION: "fragment",
      TT_ALIAS: "alias",
    });
  });
});

describe("foreign headers", () => {
  const headers = [
    {
      path: "/usr/include/zlib.h",
      install: "apt-get install zlib1g-dev",
      records: ["z_stream_s", "gz_header_s"],
    },
    {
      path: "/usr/include/sqlite3.h",
      install: "apt-get install libsqlite3-dev",
      records: ["sqlite3_vfs", "sqlite3_module"],
    },
    { path: "/usr/include/lz4.h", install: "apt-get install liblz4-dev", records: ["LZ4_stream_u"] },
    { path: "/usr/include/zstd.h", install: "apt-get install libzstd-dev", records: ["ZSTD_inBuffer_s"] },
  ];

  for (const { path, install, records } of headers) {
    const isPresent = existsSync(path);

    it.skipIf(!isPresent)(`${path} is read whole (${install})`, () => {
      const model = modelOfFile(path);
      expect(model.records.map(({ name }) => name)).toEqual(expect.arrayContaining(records));
      expect(model.functions.length).toBeGreaterThan(20);
    });

    for (const compiler of [...classWitnesses, gxx]) {
      it.skipIf(!isPresent || !compiler.isPresent)(
        `${path} is read as ${compiler.name} reads it (${install} && ${compiler.install})`,
        () => {
          // Only the header itself is copied from the host: its system headers are those of the compiler's target.
          const options = ["-w", "-idirafter", dirname(path)];
          expect(compilerErrors(compiler, witness(modelOfFile(path), basename(path)), options)).toBe("");
        },
      );
    }
  }
});
